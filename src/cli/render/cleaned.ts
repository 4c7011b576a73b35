/** What `delete` and `prune` have deleted, in words. */
import type { Pruned } from "../../run/request/prune.ts";
import type { Output } from "../output.ts";
import { formatBytes, formatCount, formatTime } from "../../report/numbers.ts";
import { printable, wrap } from "./terminal_text.ts";

interface Files {
  readonly files: number;
  readonly bytes: number;
}

/** `runs`: first the run that the user named, then its retries. */
export function deletedLine(runs: readonly number[], rows: number, copies: Files): string {
  const [run, ...retries] = runs;
  const with_ = retries.length === 0
    ? ""
    : retries.length === 1
    ? ` and its retry ${retries[0]}`
    : ` and its retries ${retries.slice(0, -1).join(", ")} and ${retries.at(-1)}`;
  return `Deleted run ${run}${with_}: ${logged(rows)}${storedFiles(copies)}.`;
}

function logged(rows: number): string {
  return rows === 0
    ? "no logged rows"
    : rows === 1
    ? "1 logged row"
    : `${formatCount(rows)} logged rows`;
}

function storedFiles({ files, bytes }: Files): string {
  if (files === 0) return "";
  const what = files === 1 ? "1 stored file" : `${formatCount(files)} stored files`;
  return `, ${what} (${formatBytes(bytes)})`;
}

export function prunedLines(pruned: Pruned, dryRun: boolean, width: number): string[] {
  const { runs, rows, keptRuns, keptFailedRows, trimmedRows, files, orphans, bytes } = pruned;
  const deleted = dryRun ? "Would delete" : "Deleted";
  const when = formatTime(pruned.before);
  const some = [
    runs > 0 ? `${formatRuns(runs)} with ${logged(rows)}` : null,
    trimmedRows > 0 ? `${logged(trimmedRows)} of runs that are kept` : null,
    files > 0 ? `${formatFiles(files)} of these runs` : null,
    orphans > 0 ? `${formatFiles(orphans)} without a run` : null,
    pruned.undoRows > 0 ? oldValues(pruned.undoRows) : null,
  ].filter((what) => what !== null);
  const size = files + orphans > 0 ? `; the files took up ${formatBytes(bytes)}` : "";
  const lines = some.length === 0
    ? [`Nothing ${dryRun ? "to delete" : "was deleted"} from before ${when}.`]
    : [`${deleted} from before ${when}: ${some.join(", ")}${size}.`];
  if (keptRuns > 0) {
    const can = keptFailedRows === 1 ? "failed row that can" : "failed rows that can";
    lines.push(
      `${dryRun ? "Would keep" : "Kept"} ${formatRuns(keptRuns)} with ` +
        `${formatCount(keptFailedRows)} ${can} still be retried. --force deletes them, too.`,
    );
  }
  return lines.flatMap((line) => wrap(line, width));
}

/** It is kept for as long as each definition says, whatever the age that is pruned. */
function oldValues(rows: number): string {
  return `the old values of ${formatCount(rows)} updated ${
    rows === 1 ? "row" : "rows"
  }, as their ` +
    "time is over (options.undo_for)";
}

function formatRuns(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "run" : "runs"}`;
}

function formatFiles(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "file" : "files"}`;
}

export function noteFilesLeft(left: readonly string[], output: Output): void {
  for (const file of left) {
    output.note(`ingest: Cannot delete the stored file ${printable(file)}. Delete it yourself.`);
  }
}
