/** `overview`, which is also what `ingest` alone shows. */
import type { OverviewFlags } from "../commands/overview.ts";
import { withCommonFlags, withDatabaseFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareOverview({ program, output, finish }: Declaration): void {
  const overview = program.command("overview")
    .summary("show where things stand, and what to do")
    .description(
      "Shows the runs of today, those that are being loaded, those that failed and those with " +
        "failed rows that nobody has dealt with yet, and for each the command that helps. `ingest` " +
        "alone does the same. It changes nothing, and doesn't start the embedded Postgres.",
    );
  withDatabaseFlags(overview);
  withCommonFlags(overview, "ingest", "ingest overview --database-url postgres://…")
    .action(async (flags: OverviewFlags) => {
      const { overviewCommand } = await import("../commands/overview.ts");
      finish(await overviewCommand(flags, output));
    });
}
