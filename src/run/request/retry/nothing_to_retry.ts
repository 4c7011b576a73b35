/** Why there is nothing to retry, or why what is left can't be retried. */
import type { Ledger } from "../../../ledger/ledger.ts";
import { readProgress } from "../../../ledger/runs/progress.ts";
import { hasUnresolved } from "../../../ledger/rows/retried_rows.ts";
import { countLeft, rootOf } from "../../../ledger/runs/retries.ts";
import { whenRowsRemoved } from "../../../ledger/runs/retention.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { countUnlogged } from "../../../ledger/rows/unlogged.ts";
import { readUnlogged } from "../../../ledger/rows/unlogged_rows.ts";
import { readWaived } from "../../../ledger/rows/waived_rows.ts";
import { asksNothing, type ChosenErrors, type ErrorsAsked } from "../choose_errors.ts";
import { withCommas } from "../choose_rows.ts";
import { Refused } from "../refuse/refused.ts";

interface ToRetry {
  readonly run: Run;
  /** Null unless a file says which rows are meant. */
  readonly file: unknown;
  /** Only rows with such errors. */
  readonly only?: ErrorsAsked | null;
  readonly onlyCorrected?: boolean;
}

/**
 * Why there is nothing to retry; null if there is. Throws Refused if the log lacks failed rows, unless
 * a file says which are meant.
 */
export async function findNothing(
  ledger: Ledger,
  { run, file, only = null, onlyCorrected = false }: ToRetry,
): Promise<string | null> {
  const hasFile = file !== null;
  const { failed } = await readProgress(ledger, run.id);
  if (failed === 0) return `Run ${run.id} has no failed rows to retry.`;
  const { unresolved, waived } = await countLeft(ledger, run, failed);
  if (unresolved === 0) {
    const all = `Nothing is left to retry: the ${failed} failed rows of run ${run.id} are all`;
    return waived === 0 ? `${all} fixed.` : `${all} fixed or waived. ${untried(run, waived)}`;
  }
  // Whatever is logged since then: to retry only that would leave out the others silently.
  const removed = hasFile ? null : await whenRowsRemoved(ledger, run);
  if (removed !== null) throw rowsRemoved(run, removed);
  const unlogged = hasFile ? 0 : await countUnlogged(ledger, run, failed);
  if (unlogged > 0) {
    // Those that were chosen may all be kept: that is looked at when they are read.
    if (onlyCorrected || only !== null && !asksNothing(only)) return null;
    const lost = await readUnlogged(ledger, run);
    lost.removeAll(await readWaived(ledger, rootOf(run)));
    if (lost.size > 0) throw needsFile(run, { failed, unlogged, errors: null });
  }
  if (await hasUnresolved(ledger, run)) return null;
  throw new Refused(
    run.definition.options.log_rows === "none"
      ? `Cannot retry run ${run.id}: it logs no rows (options.log_rows: none), so its failed ` +
        "rows were not kept. Import the file again."
      : `Cannot retry run ${run.id}: its failed rows are no longer in the row log. ` +
        "Import the file again.",
  );
}

export function needsFile(
  { id }: Run,
  { failed, unlogged, errors }: {
    readonly failed: number;
    readonly unlogged: number;
    /** Null: all of them. */
    readonly errors: ChosenErrors | null;
  },
): Refused {
  const kept = failed - unlogged;
  const rows = errors === null ? "failed rows" : `failed rows that have ${errors.words}`;
  const which = errors === null ? "" : ` ${errors.options}`;
  const cannot = `Cannot retry run ${id}: ${kept === 0 ? "none" : `only ${kept}`} of its ` +
    `${failed} ${rows} ${kept === 0 ? "is" : "are"} kept (options.max_failed_rows_logged). ` +
    "Import the file again";
  if (kept === 0) return new Refused(`${cannot}.`);
  return new Refused(
    `${cannot}, or retry only those that are kept: ` +
      `ingest errors ${id}${which} --export failed.csv, then ingest retry ${id} --file failed.csv`,
  );
}

function rowsRemoved({ id }: Run, at: Date): Refused {
  return new Refused(
    `Cannot retry run ${id}: its failed rows were removed on ${at.toISOString().slice(0, 10)}, ` +
      "because they were kept for as long as options.keep says. Import the file again.",
  );
}

export function untried({ id }: Run, waived: number): string {
  const rows = waived === 1 ? "1 row is" : `${withCommas(waived)} rows are`;
  return `${rows} waived and not retried; to retry them, too: ingest waive ${id} --undo --all`;
}
