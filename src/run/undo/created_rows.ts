/** Deletes the rows that a run has created, as far as they are still as it wrote them. */
import type { PostgresError } from "../../db/connection_errors.ts";
import type { Batch } from "../../ledger/batches/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { type KeptRow, logKept, type UndoCounts } from "../../ledger/undo/undo_batches.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import { type Deleted, deleteRows, nameOf } from "../../load/undo/delete_rows.ts";
import { findReferenced, referenceReason } from "../../load/undo/find_referenced.ts";
import {
  blocksOf,
  countRows,
  EVERYWHERE,
  holdRows,
  listPlaces,
  lockRows,
  type Place,
  type RowPlace,
  shownColumns,
} from "../../load/undo/place.ts";
import { listReferences, type Reference } from "../../load/undo/undo_relation.ts";
import type { UndoSource } from "../undo_source.ts";
import { wouldStay } from "./would_stay.ts";
import {
  byTrigger,
  CHANGED_OR_DELETED,
  KeptRows,
  NOT_SURE,
  type Reason,
  refusedBy,
  withoutOldValues,
} from "./kept_rows.ts";

type Kept = RowPlace & { readonly reason: Reason };

export async function takeBackRows(
  ledger: Ledger,
  run: Run,
  batch: Batch,
  source: UndoSource,
): Promise<UndoCounts> {
  const { session } = ledger;
  const { relation, conditions } = source;
  const place = placeOf(batch, source);
  await session.query(holdRows(place.rows));
  await requireSameFile(ledger, run, batch);
  const references = await listReferences(session, batch.relation!);
  const { hasOldValues } = source.marks;
  const unsure = run.source.undo?.unsure ?? [];
  const kept: Kept[] = [
    // Else they are looked for when all old values have been given back.
    ...hasOldValues ? [] : await list(
      ledger,
      place,
      conditions.overwritten,
      withoutOldValues(run.definition, relation),
    ),
    ...unsure.length > 0 ? await list(ledger, place, conditions.unsure, NOT_SURE) : [],
  ];
  // A row's number is only that of a row of ours if nobody changes it between these statements.
  if (references.length > 0 && !run.dry_run) await lockRows(session, place, conditions.created);
  const stays = run.dry_run ? await wouldStay(ledger, run, source) : undefined;
  const referenced = (await findReferenced(session, place, conditions.created, references, stays))
    .map((row) => ({ ...row, reason: byReference(references[row.by]) }));
  kept.push(...referenced);
  const { rows, refused } = run.dry_run
    ? await wouldDelete(ledger, place, conditions.created, referenced)
    : await deleteRows(session, place, conditions.created, referenced);
  for (const row of refused) {
    kept.push({ ...row, reason: reasonOf(row.error, relation.shown, references) });
  }
  if (!run.dry_run && rows + kept.length < batch.row_count) {
    // A trigger has kept them; those that are not there any more are not found here either.
    const known = new Set(kept.map(nameOf));
    const left = await listPlaces(session, place, conditions.created);
    for (const row of left) {
      if (!known.has(nameOf(row))) kept.push({ ...row, reason: byTrigger(relation.shown) });
    }
  }
  const all = new KeptRows(batch, source.label);
  const logged: KeptRow[] = kept.map(({ reason, ...row }) => ({ ...row, ...all.add(reason) }));
  const lost = Math.max(0, batch.row_count - rows - kept.length);
  for (let i = 0; i < lost; i++) all.add(CHANGED_OR_DELETED);
  if (run.definition.options.log_rows !== "none") {
    await logKept(ledger, run.id, logged, place.rows, shownColumns(relation));
  }
  await all.writeGroups(ledger);
  return { deleted: rows, updated: 0, failed: all.count };
}

/** Where rows refer to others of the same table, a batch is all of it. */
function placeOf(
  { relation, byte_start, byte_end }: Batch,
  { relation: table }: UndoSource,
): Place {
  if (relation === table.oid && table.leaves.every(({ oid }) => oid !== relation)) {
    return { rows: table.name, where: EVERYWHERE };
  }
  const leaf = table.leaves.find(({ oid }) => oid === relation);
  if (leaf === undefined) {
    throw new TargetError(`A partition of ${table.shown} was detached or dropped during the undo.`);
  }
  return blocksOf(leaf, byte_start, byte_end);
}

/** Throws TargetError if rows may have moved to other blocks. */
async function requireSameFile(ledger: Ledger, run: Run, { relation }: Batch): Promise<void> {
  const leaf = run.source.undo?.leaves.find((each) => each.relation === relation);
  if (leaf === undefined) return;
  const [{ filenode }] = await ledger.query<{ filenode: number | null }>(
    "select pg_relation_filenode($1::oid::regclass)::bigint as filenode",
    [relation],
  );
  if (filenode === leaf.filenode) return;
  throw new TargetError(
    `The table ${run.definition.table} was rewritten or truncated during the undo (VACUUM FULL, ` +
      "CLUSTER, ALTER TABLE, TRUNCATE), so its rows are in other places now. What is taken back " +
      `stays so. For the rest, start another: ingest undo ${run.undoes_run_id}`,
  );
}

async function list(
  ledger: Ledger,
  place: Place,
  which: string,
  reason: Reason,
): Promise<Kept[]> {
  return (await listPlaces(ledger.session, place, which)).map((row) => ({ ...row, reason }));
}

async function wouldDelete(
  { session }: Ledger,
  place: Place,
  which: string,
  kept: readonly RowPlace[],
): Promise<Deleted> {
  return { rows: await countRows(session, place, which) - kept.length, refused: [] };
}

function byReference(reference: Reference): Reason {
  return {
    code: "referenced",
    message: referenceReason(reference),
    constraint: reference.constraint,
  };
}

const FOREIGN_KEY_VIOLATION = "23503";

function reasonOf(error: PostgresError, table: string, references: readonly Reference[]): Reason {
  const reference = error.code === FOREIGN_KEY_VIOLATION
    ? references.find(({ constraint }) => constraint === error.constraint_name)
    : undefined;
  return reference === undefined ? refusedBy(table, error) : byReference(reference);
}
