/** Rows that a run has created and that can't be found any more: they are counted, not listed. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { PlanPosition } from "../../ledger/plan.ts";
import type { Run } from "../../ledger/runs.ts";
import { writeLostBatch } from "../../ledger/undo_batches.ts";
import { countCreated } from "../../ledger/chain_writes.ts";
import { CHANGED_OR_DELETED, KeptRows, type Reason } from "./kept_rows.ts";

const UNMARKED: Reason = {
  code: "not_kept",
  message: "The run created the row without remembering it, so it can't be told from others.",
};

/** At the end of a plan, whose `position` it continues. Resolves with how many there are. */
export async function writeLostRows(
  ledger: Ledger,
  run: Run,
  { rows: before, lines: found }: PlanPosition,
  number: number,
): Promise<number> {
  const { marked, unmarked, undone } = await countCreated(ledger, run.undoes_run_id!, run.id);
  const changed = Math.max(0, marked - undone - found);
  const lost = changed + unmarked;
  if (lost === 0) return 0;
  const batch = { run_id: run.id, number, first_row: before + 1 };
  await writeLostBatch(ledger, batch, lost);
  const kept = new KeptRows(batch);
  for (let i = 0; i < changed; i++) kept.add(CHANGED_OR_DELETED);
  for (let i = 0; i < unmarked; i++) kept.add(UNMARKED);
  await kept.writeGroups(ledger);
  return lost;
}
