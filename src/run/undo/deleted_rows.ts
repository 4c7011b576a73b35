/** Puts the rows back that a run has deleted because its file doesn't have them. */
import type { Batch } from "../../ledger/batches/batches.ts";
import {
  forgetDeleted,
  groupDeleted,
  logLost,
  type LostRow,
} from "../../ledger/rows/deleted_rows.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { UndoCounts } from "../../ledger/undo/undo_batches.ts";
import { markRestored, numberMarks } from "../../ledger/undo/undo_images.ts";
import { putBack } from "../../load/undo/put_back.ts";
import type { UndoSource } from "../undo_source.ts";
import { byTrigger, KeptRows, refusedBy } from "./kept_rows.ts";

export async function putBackDeleted(
  ledger: Ledger,
  run: Run,
  batch: Batch,
  source: UndoSource,
): Promise<UndoCounts> {
  const { table, relation } = source;
  const piece = { relation: table.relation, from: batch.byte_start, to: batch.byte_end };
  const all = new KeptRows(batch, source.label);
  const lost: LostRow[] = [];
  let restored = 0;
  for (const { owner, columns, ids } of await groupDeleted(ledger, run.undoes_run_id!, piece)) {
    if (run.dry_run) {
      restored += ids.length;
      continue;
    }
    const done = await putBack(
      ledger.session,
      relation,
      `${ledger.schema}.deleted_rows`,
      columns,
      ids,
      async (rows) => {
        if (owner !== null) await markRestored(ledger, owner, table.relation, rows);
      },
    );
    restored += done.ids.length;
    for (const [id, error] of done.refused) {
      const reason = error === null ? byTrigger(relation.shown) : refusedBy(relation.shown, error);
      lost.push({ id, ...all.add(reason) });
    }
    if (run.definition.options.log_rows !== "none") await logLost(ledger, run.id, lost.splice(0));
    await forgetDeleted(ledger, done.ids);
  }
  await numberMarks(ledger);
  await all.writeGroups(ledger);
  return { deleted: 0, updated: restored, failed: all.count };
}
