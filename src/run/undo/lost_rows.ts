/** Rows that a run has written, of which the plan has found nothing. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { PlanPosition } from "../../ledger/plan.ts";
import type { Run } from "../../ledger/runs.ts";
import { PHASES, writeLostBatch, writeUndoBatches } from "../../ledger/undo_batches.ts";
import { countCreated } from "../../ledger/chain_writes.ts";
import { KeptRows, type Reason } from "./kept_rows.ts";

const UNMARKED: Reason = {
  code: "not_kept",
  message: "The run created the row without remembering it, so it can't be told from others.",
};

const TABLE_GONE: Reason = {
  code: "changed_since",
  message: "The table in which the run updated the row was dropped since.",
};

/**
 * At the end of a plan, whose `position` it continues. A last batch looks for those that were changed or
 * deleted. `gone`: rows that were updated in a table that was dropped. Resolves with how many all are.
 */
export async function writeLostRows(
  ledger: Ledger,
  run: Run,
  { rows: before, lines: found }: PlanPosition,
  number: number,
  gone: number,
): Promise<number> {
  const { marked, unmarked, undone } = await countCreated(ledger, run.undoes_run_id!, run.id);
  const missing = Math.max(0, marked - undone - found);
  // Without any partition left, the batch finds no table, and says so.
  const relation = run.source.undo?.leaves.at(-1)?.table ?? 0;
  if (missing > 0) {
    const batch = { phase: PHASES.missing, number, firstRow: before + 1, rows: missing };
    await writeUndoBatches(ledger, run.id, [{ ...batch, relation, from: 0, to: 0 }]);
  }
  if (unmarked + gone > 0) {
    const batch = { run_id: run.id, number: number + 1, first_row: before + missing + 1 };
    await writeLostBatch(ledger, batch, unmarked + gone);
    const kept = new KeptRows(batch);
    for (let i = 0; i < unmarked; i++) kept.add(UNMARKED);
    for (let i = 0; i < gone; i++) kept.add(TABLE_GONE);
    await kept.writeGroups(ledger);
  }
  return missing + unmarked + gone;
}
