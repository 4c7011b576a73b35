/** `delete` and `prune`: the commands that delete. */
import { parseAge, parseRunId } from "../arguments.ts";
import type { PruneFlags } from "../commands/prune.ts";
import { type DatabaseFlags, withCommonFlags, withDatabaseFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareCleaningCommands({ program, output, finish }: Declaration): void {
  const remove = program.command("delete")
    .summary("delete a run that has ended")
    .description(
      "Deletes a run that has ended, its retries, the rows that they logged and the stored file. " +
        "The rows that they loaded stay in the table.",
    )
    .argument("<run>", "the number of the run", parseRunId);
  withDatabaseFlags(remove);
  withCommonFlags(remove, "ingest delete 12")
    .action(async (id: number, flags: DatabaseFlags) => {
      const { deleteCommand } = await import("../commands/delete.ts");
      finish(await deleteCommand(id, flags, output));
    });

  const prune = program.command("prune")
    .summary("delete old runs and files")
    .description(
      "Deletes what is older than a given age: runs that have ended, with their retries, logged " +
        "rows and stored files; and stored files that belong to no run of this database. Keeps a " +
        "run with failed rows that can still be retried, and these rows. Loaded rows stay in " +
        "their tables.",
    )
    .requiredOption("--older-than <age>", "such as 30d, 12h or 8w", parseAge)
    .option("--dry-run", "only show what would be deleted")
    .option("--force", "also delete runs with failed rows that can still be retried");
  withDatabaseFlags(prune);
  withCommonFlags(prune, "ingest prune --older-than 30d --dry-run", "ingest prune --older-than 8w")
    .action(async (flags: PruneFlags) => {
      const { pruneCommand } = await import("../commands/prune.ts");
      finish(await pruneCommand(flags, output));
    });
}
