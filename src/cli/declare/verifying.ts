/** `verify`. */
import { parseRunId } from "../arguments.ts";
import type { VerifyFlags } from "../commands/verify.ts";
import { withCommonFlags, withDatabaseFlags, withWorkersFlag } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareVerifying({ program, output, finish }: Declaration): void {
  const verify = program.command("verify")
    .summary("compare what a run has loaded with the table")
    .description(
      "Reads a run's file and the table again and compares them, row by row: which rows are in the " +
        "table as the run has written them, which were set aside, which have changed since, and " +
        "which are gone. Writes nothing. Exits with 7 if something is not as it was written.",
    )
    .argument("<run>", "the number of the run", parseRunId)
    .option("--quiet", "show no progress");
  withWorkersFlag(verify, "compare");
  withDatabaseFlags(verify);
  withCommonFlags(verify, "ingest verify 12", "ingest verify 12 --json --workers 4")
    .action(async (id: number, flags: VerifyFlags) => {
      const { verifyCommand } = await import("../commands/verify.ts");
      finish(await verifyCommand(id, flags, output));
    });
}
