import { prune } from "../../run/request/prune.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { noteFilesLeft, prunedLines } from "../render/cleaned.ts";
import { bucketFolder, readSettings, spoolFolder } from "../settings.ts";

export interface PruneFlags extends DatabaseFlags {
  /** Milliseconds. */
  readonly olderThan: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export async function pruneCommand(flags: PruneFlags, output: Output): Promise<number> {
  const dryRun = flags.dryRun ?? false;
  const pruned = await withDatabase(
    readSettings(flags),
    output,
    { migrate: false },
    async ({ ledger, settings }) =>
      await prune(ledger, {
        olderThanMs: flags.olderThan,
        spoolFolder: await spoolFolder(settings.home, ledger),
        storage: await bucketFolder(settings.storage, ledger),
        force: flags.force ?? false,
        dryRun,
      }),
  );
  noteFilesLeft(pruned.left, output);
  if (flags.json) {
    output.json({
      data: {
        dry_run: dryRun,
        before: pruned.before.toISOString(),
        runs: pruned.runs,
        rows: pruned.rows,
        files: pruned.files,
        orphans: pruned.orphans,
        bytes: pruned.bytes,
        kept_runs: pruned.keptRuns,
        kept_failed_rows: pruned.keptFailedRows,
        trimmed_rows: pruned.trimmedRows,
        undo_rows: pruned.undoRows,
        files_left: pruned.left,
      },
    });
  } else {
    output.printAll(prunedLines(pruned, dryRun, output.widthOf(output.stdout)));
  }
  return pruned.left.length === 0 ? EXIT.done : EXIT.failed;
}
