/** `waive`. */
import { parseRowRuns, parseRunId } from "../arguments.ts";
import type { WaiveFlags } from "../commands/waive.ts";
import { withErrorFlags } from "../error_flags.ts";
import { withCommonFlags, withDatabaseFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareWaiving({ program, output, finish }: Declaration): void {
  const waive = program.command("waive")
    .summary("decide not to load failed rows")
    .description(
      "Records that failed rows are not to be loaded, by whose decision, and why. They count as " +
        "waived, not as unresolved, and no retry tries them. They stay in the log; --undo takes " +
        "the decision back.",
    )
    .argument("<run>", "the number of the run", parseRunId);
  withErrorFlags(waive, "only");
  waive
    .option("--rows <list>", "these rows, such as 4,17-20", parseRowRuns)
    .option("--all", "every failed row that is left")
    .option("--reason <text>", "why they are not to be loaded; kept on record")
    .option("--undo", "waive these rows no longer");
  withDatabaseFlags(waive);
  withCommonFlags(
    waive,
    'ingest waive 12 --group 3f9a12 --reason "customers without consent"',
    'ingest waive 12 --rows 4,17-20 --reason "test data"',
    "ingest waive 12 --rows 17 --undo",
  ).action(async (id: number, flags: WaiveFlags) => {
    const { waiveCommand } = await import("../commands/waive.ts");
    finish(await waiveCommand(id, flags, output));
  });
}
