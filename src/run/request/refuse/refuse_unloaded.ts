import type { Run } from "../../../ledger/runs/runs.ts";
import { Refused } from "./refused.ts";

/** Is it all rows or none, and has it loaded none? */
export function isUnloaded({ whole, status, dry_run }: Run): boolean {
  return whole && !dry_run && (status === "failed" || status === "cancelled");
}

/**
 * Throws Refused for a run that was all rows or none and has loaded none: with its failed rows alone,
 * the rest of the file would be missing. `cannot`: `Cannot retry run 12`.
 */
export function refuseUnloaded(run: Run, cannot: string): void {
  if (!isUnloaded(run)) return;
  throw new Refused(
    `${cannot}: it was all rows or none (options.transaction: run), and none was loaded. ` +
      `Correct its failed rows and load all of them: ingest errors ${run.id} --export failed.csv, ` +
      `then ingest retry ${run.id} --file failed.csv`,
  );
}

/** Throws Refused for such a run that was cancelled: nobody knows what all of its rows would come to. */
export function refuseCancelled(run: Run, cannot: string): void {
  if (!isUnloaded(run) || run.status !== "cancelled") return;
  throw new Refused(
    `${cannot}: it was all rows or none (options.transaction: run), and was cancelled before any was ` +
      `loaded. Resume it: ingest resume ${run.id}`,
  );
}
