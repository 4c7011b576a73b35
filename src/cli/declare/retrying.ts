/** `retry`. */
import { parseRunId } from "../arguments.ts";
import type { RetryFlags } from "../commands/retry.ts";
import { withErrorFlags } from "../error_flags.ts";
import { withCommonFlags, withDatabaseFlags, withImportersFlag } from "../flags.ts";
import { beginThreads } from "../begin_threads.ts";
import { readSettings } from "../settings.ts";
import type { Declaration } from "./declaration.ts";
import { withLoadFlags } from "./loading.ts";

export function declareRetrying({ program, output, finish }: Declaration): void {
  const retry = program.command("retry")
    .summary("try the failed rows of a run again")
    .description(
      "Starts a new run with the failed rows that no retry has fixed yet, and loads them here. " +
        "It uses the importer's current definition. Rows keep their row and line numbers.",
    )
    .argument("<run>", "the number of the run", parseRunId)
    .option(
      "-f, --file <path>",
      "take the rows from this file: the edited output of `ingest errors <run> --export`",
    )
    .option(
      "--accept-changes",
      "load the file's cells even if a spreadsheet seems to have changed them",
    )
    .option("--corrected", "only rows that were corrected, in a view or over the API")
    .option("--dry-run", "do everything, then roll it back")
    .option("--no-dry-run", "load the rows even though the run was a dry run")
    .option("--original-definition", "use the definition that the run had")
    .option("--detach", "leave the retry to `ingest work` and print its id");
  withErrorFlags(retry, "only");
  withLoadFlags(retry);
  withImportersFlag(retry);
  withDatabaseFlags(retry);
  withCommonFlags(
    retry,
    "ingest retry 12",
    "ingest retry 12 --dry-run",
    "ingest retry 12 --file fixed.csv",
    "ingest retry 12 --group 3f9a12",
  ).action(async (id: number, flags: RetryFlags) => {
    const settings = readSettings(flags);
    using _threads = beginThreads(settings, { detach: flags.detach });
    const { retryCommand } = await import("../commands/retry.ts");
    finish(await retryCommand(id, flags, settings, output));
  });
}
