/** Rows that a run has written, of which the plan has found nothing. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { PlanPosition } from "../../ledger/batches/plan.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import {
  PHASES,
  type PlannedUndo,
  writeLostBatch,
  writeUndoBatches,
} from "../../ledger/undo/undo_batches.ts";
import {
  countCreated,
  countFound,
  countUndone,
  type CreatedIn,
} from "../../ledger/runs/created_counts.ts";
import { KeptRows, type Reason } from "./kept_rows.ts";

const UNMARKED: Reason = {
  code: "not_kept",
  message: "The run created the row without remembering it, so it can't be told from others.",
};

const TABLE_GONE: Reason = {
  code: "changed_since",
  message: "The table to which the run wrote the row was dropped since.",
};

/**
 * At the end of a plan, whose `position` it continues. Last batches look for those that were changed or
 * deleted. `gone`: rows that were updated in a table that was dropped. `isThere`: was this one not?
 * Resolves with how many all are.
 */
export async function writeLostRows(
  ledger: Ledger,
  run: Run,
  { rows: before }: PlanPosition,
  number: number,
  { gone, isThere }: {
    readonly gone: number;
    readonly isThere: (relation: number) => Promise<boolean>;
  },
): Promise<number> {
  const root = run.undoes_run_id!;
  const { tables, unmarked } = await countCreated(ledger, root);
  const undone = await countUndone(ledger, root, run.id);
  const found = await countFound(ledger, run.id);
  const batches: PlannedUndo[] = [];
  let [missing, dropped] = [0, gone];
  for (const { relation, marked } of inOrder(run, tables)) {
    const rows = marked - (undone.get(relation) ?? 0) - (found.get(relation) ?? 0);
    if (rows <= 0) continue;
    if (!await isThere(relation)) {
      dropped += rows;
      continue;
    }
    const place = { number: number + batches.length, firstRow: before + missing + 1 };
    batches.push({ phase: PHASES.missing, ...place, relation, rows, from: 0, to: 0 });
    missing += rows;
  }
  await writeUndoBatches(ledger, run.id, batches);
  if (unmarked + dropped > 0) {
    const batch = {
      run_id: run.id,
      number: number + batches.length,
      first_row: before + missing + 1,
    };
    await writeLostBatch(ledger, batch, unmarked + dropped);
    const kept = new KeptRows(batch, null);
    for (let i = 0; i < unmarked; i++) kept.add(UNMARKED);
    for (let i = 0; i < dropped; i++) kept.add(TABLE_GONE);
    await kept.writeGroups(ledger);
  }
  return missing + unmarked + dropped;
}

/** As the undo goes through the tables. */
function inOrder({ source }: Run, tables: readonly CreatedIn[]): readonly CreatedIn[] {
  const order = (source.undo?.leaves ?? []).map(({ table }) => table);
  return [...tables].sort((a, b) => order.indexOf(a.relation) - order.indexOf(b.relation));
}
