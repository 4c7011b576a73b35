/** Whether the failed rows of a run may be corrected now, and which run keeps the corrections. */
import { holdEdits } from "../../../ledger/edits/cell_edits.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { rootOf } from "../../../ledger/runs/retries.ts";
import { whenRowsRemoved } from "../../../ledger/runs/retention.ts";
import { requireRun, type Run } from "../../../ledger/runs/runs.ts";
import { findOtherLoad } from "../../../ledger/runs/whole_retries.ts";
import { describeOther } from "../retry/other_load.ts";
import { Refused } from "../refuse/refused.ts";
import { refuseUndone } from "../refuse/refuse_undone.ts";
import { isUnloaded, refuseCancelled } from "../refuse/refuse_unloaded.ts";

/**
 * Does `work` in a transaction in which no retry begins or ends. `work` gets the run that has read the
 * file: it keeps the corrections, whichever retry was named. Throws Refused, NoSuchRun and ChainBusy.
 */
export async function whileCorrectable<T>(
  ledger: Ledger,
  run: Run,
  work: (root: Run) => Promise<T>,
): Promise<T> {
  const cannot = `Cannot correct rows of run ${run.id}`;
  return await ledger.transaction(async () => {
    const active = await holdEdits(ledger, rootOf(run));
    // They may have been deleted.
    const root = await requireRun(ledger, rootOf(run));
    await requireRun(ledger, run.id);
    await refuseUndone(ledger, run, cannot);
    refuseCancelled(root, cannot);
    const other = isUnloaded(root) ? await findOtherLoad(ledger, root) : null;
    if (other !== null) throw new Refused(`${cannot}: ${describeOther(other)}`);
    if (run.dry_run || root.dry_run) {
      throw new Refused(
        `${cannot}: it was a dry run, whose failed rows can't be corrected. Load the file first.`,
      );
    }
    if (root.definition.options.log_rows === "none") {
      throw new Refused(`${cannot}: it logs no rows (options.log_rows: none).`);
    }
    if (active !== null) {
      const what = active.id === run.id ? "it" : `run ${active.id}`;
      throw new Refused(`${cannot}: ${what} is ${active.status}. Wait until it has ended.`);
    }
    const removed = await whenRowsRemoved(ledger, root);
    if (removed !== null) {
      throw new Refused(
        `${cannot}: its failed rows were removed on ${removed.toISOString().slice(0, 10)}, ` +
          "because they were kept for as long as options.keep says. Import the file again.",
      );
    }
    return await work(root);
  });
}
