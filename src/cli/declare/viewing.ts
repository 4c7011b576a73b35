/** `view`. */
import { parseRunId } from "../arguments.ts";
import type { ViewFlags } from "../commands/view.ts";
import { withCommonFlags, withDatabaseFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareViewing({ program, output, finish }: Declaration): void {
  const view = program.command("view")
    .summary("make a view of failed rows, to correct them with SQL")
    .description(
      "Makes the view failed_<importer> in ingest's own schema: the failed rows that no retry has " +
        "loaded, of all runs of the importer whose file had the same columns, with the reasons. " +
        "Update its cells with any SQL client. The next `ingest retry` takes the rows as they are " +
        "then.",
    )
    .argument("<run>", "the number of the run", parseRunId)
    .option("--drop", "drop the view; corrections that were made in it stay");
  withDatabaseFlags(view);
  withCommonFlags(view, "ingest view 12", "ingest view 12 --drop")
    .action(async (id: number, flags: ViewFlags) => {
      const { viewCommand } = await import("../commands/view.ts");
      finish(await viewCommand(id, flags, output));
    });
}
