/** `undo`. */
import { parseRunId } from "../arguments.ts";
import { beginThreads } from "../begin_threads.ts";
import type { UndoFlags } from "../commands/undo.ts";
import { withCommonFlags, withDatabaseFlags, withWorkersFlag } from "../flags.ts";
import { readSettings } from "../settings.ts";
import type { Declaration } from "./declaration.ts";

export function declareUndoing({ program, output, finish }: Declaration): void {
  const undo = program.command("undo")
    .summary("take back what a run did to its tables")
    .description(
      "Deletes the rows that a run and its retries created, and gives the rows that they updated " +
        "their old values back, where these were kept (options.undo: updates). Rows that somebody " +
        "has changed since, or that other rows refer to, are left as they are and listed. What " +
        "triggers did, and positions of sequences, are not taken back.",
    )
    .argument("<run>", "the number of the run", parseRunId)
    .option("--dry-run", "change nothing: say what would be taken back, what not, and why")
    .option("--allow-errors", "exit 0 even if some rows were kept")
    .option("-q, --quiet", "print no progress and no summary")
    .option("--detach", "leave the undo to `ingest work` and print its id");
  withWorkersFlag(undo);
  withDatabaseFlags(undo);
  withCommonFlags(undo, "ingest undo 12 --dry-run", "ingest undo 12")
    .action(async (id: number, flags: UndoFlags) => {
      const settings = readSettings(flags);
      using _threads = beginThreads(settings, { detach: flags.detach });
      const { undoCommand } = await import("../commands/undo.ts");
      finish(await undoCommand(id, flags, settings, output));
    });
}
