/** Gives the rows that a run has updated their old values back, as far as nobody has changed them. */
import type { Batch } from "../../ledger/batches/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { logKept, type UndoCounts } from "../../ledger/undo/undo_batches.ts";
import {
  groupImages,
  type ImageBatch,
  isImage,
  type KeptImage,
  logKeptImages,
  markRestored,
  numberMarks,
} from "../../ledger/undo/undo_images.ts";
import type { PostgresError } from "../../db/connection_errors.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import { EVERYWHERE, holdRows, listPlaces, shownColumns } from "../../load/undo/place.ts";
import { findRows, type Images, restoreRows } from "../../load/undo/restore_rows.ts";
import { rowsOf, type UndoRelation } from "../../load/undo/undo_relation.ts";
import type { UndoSource } from "../undo_source.ts";
import {
  byTrigger,
  CHANGED,
  DELETED,
  KeptRows,
  type Reason,
  refusedBy,
  withoutOldValues,
} from "./kept_rows.ts";

/** Where a batch says which old values it is about: it is about rows that have none. */
export const WITHOUT_OLD_VALUES = { from: 0, to: 0 };

const AMBIGUOUS: Reason = {
  code: "not_kept",
  message: "Several rows have the same key, so nobody knows which of them had these values.",
};

export async function giveBackOldValues(
  ledger: Ledger,
  run: Run,
  batch: Batch,
  source: UndoSource,
): Promise<UndoCounts> {
  if (batch.byte_start === WITHOUT_OLD_VALUES.from) {
    return await keepOverwritten(ledger, run, batch, source);
  }
  const { table, relation, marks } = source;
  const from: ImageBatch = {
    run: batch.byte_start,
    batch: batch.byte_end,
    relation: table.relation,
  };
  const images = imagesOf(ledger, from, table.written, relation);
  const rows = rowsOf(relation);
  await ledger.query(holdRows(rows));
  const groups = await groupImages(ledger, from);
  const refused = new Map<string, PostgresError>();
  let restored = 0;
  for (const { owner, ambiguous, places } of groups) {
    if (ambiguous || run.dry_run) continue;
    const done = await restoreRows(
      ledger.session,
      relation,
      rows,
      images,
      marks.updated,
      places,
      async (rows, alone) => {
        if (owner === null) return;
        // Else the owner's undo would delete what a trigger has written beside them.
        const created = owner.created && alone;
        await markRestored(ledger, { ...owner, created }, table.relation, rows);
      },
    );
    restored += done.rows;
    for (const [place, error] of done.refused) refused.set(place, error);
  }
  await numberMarks(ledger);
  const ambiguous = new Set(groups.flatMap((group) => group.ambiguous ? group.places : []));
  const all = new KeptRows(batch, source.label);
  const kept: KeptImage[] = [];
  for (const { place, gone, xmin } of await findRows(ledger.session, relation, rows, images)) {
    const error = refused.get(place);
    const isOurs = xmin !== null && marks.updated.includes(xmin);
    if (run.dry_run && isOurs && !ambiguous.has(place)) {
      restored++;
      continue;
    }
    const reason = error !== undefined
      ? refusedBy(relation.shown, error)
      : gone
      ? DELETED
      : ambiguous.has(place)
      ? AMBIGUOUS
      : isOurs
      ? byTrigger(relation.shown)
      : CHANGED;
    kept.push({ place, ...all.add(reason) });
  }
  if (run.definition.options.log_rows !== "none") {
    await logKeptImages(ledger, run.id, kept, images.columns);
  }
  await all.writeGroups(ledger);
  return { deleted: 0, updated: restored, failed: all.count };
}

/** Lists rows that the run has updated, and whose old values it has not kept. */
async function keepOverwritten(
  ledger: Ledger,
  run: Run,
  batch: Batch,
  source: UndoSource,
): Promise<UndoCounts> {
  const { relation, conditions } = source;
  const place = { rows: rowsOf(relation), where: EVERYWHERE };
  const found = await listPlaces(ledger.session, place, conditions.overwritten);
  const all = new KeptRows(batch, source.label);
  const kept = found.map((row) => ({
    ...row,
    ...all.add(withoutOldValues(run.definition, relation)),
  }));
  for (let i = found.length; i < batch.row_count; i++) all.add(CHANGED);
  if (run.definition.options.log_rows !== "none") {
    await logKept(ledger, run.id, kept, place.rows, shownColumns(relation));
  }
  await all.writeGroups(ledger);
  return { deleted: 0, updated: 0, failed: all.count };
}

/** Throws TargetError if the table no longer has the columns by which rows are found. */
function imagesOf(
  ledger: Ledger,
  from: ImageBatch,
  written: UndoSource["table"]["written"],
  relation: UndoRelation,
): Images {
  const { identity, columns } = written.find(({ run }) => run === from.run)!;
  const names = relation.columns.map(({ name }) => name);
  const missing = identity.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new TargetError(
      `The table ${relation.shown} no longer has the column ${missing.join(", ")}, by which run ` +
        `${from.run} knew its rows. Put it back, then resume the undo.`,
    );
  }
  return { table: `${ledger.schema}.undo_rows`, which: isImage(from), identity, columns };
}
