/** Deletes or marks the rows that the file doesn't have. */
import { identifier } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import type { AbsentRule } from "../../importer/absent_rule.ts";
import { oldValues } from "../keep_old_values.ts";
import type { LoadPlan } from "../load_plan.ts";
import { ownRows } from "../own_rows.ts";
import { followsDelete, listReferences, type Reference, refers } from "../undo/undo_relation.ts";
import type { UndoNotes } from "../undo_notes.ts";
import { ABSENT, IS_ABSENT } from "./absent_tables.ts";
import { deletedRow } from "./deleted_row.ts";
import { markValue } from "./scope.ts";

/** Writes to the ledger, for an undo. */
export interface AbsentNotes {
  /** SQL: a part of WITH that keeps the rows of the part `gone`: its columns `row` and `old_xmin`. */
  keepDeleted(gone: string): string;
  /** For marked rows. They are only marked as updated if nothing tells rows of the table apart. */
  readonly updates: UndoNotes | null;
}

/** Rows of another table, or of this one, that refer to absent rows. */
export interface Referring {
  /** Null: nobody knows, because the role doesn't see all of them. */
  readonly rows: number | null;
  readonly reference: Reference;
}

/**
 * References by which rows would be deleted or changed along with the absent ones. (Postgres itself
 * refuses all others.) Nobody would see that, and no undo could give them back.
 */
export async function findReferring(
  session: Session,
  { table }: LoadPlan,
): Promise<Referring | null> {
  for (const reference of await listReferences(session, table.oid)) {
    if (!followsDelete(reference)) continue;
    if (!reference.isReadable) return { rows: null, reference };
    const isAbsentToo = reference.toItself
      ? `and not exists (select from ${ABSENT} o where o.place = r.ctid and o.relation = r.tableoid)`
      : "";
    const [{ rows }] = await session.query<{ rows: number }>(
      `select count(*) as rows from ${reference.rows} r where exists (
         select from ${ownRows(table)} t join ${ABSENT} a on ${IS_ABSENT}
         where ${refers(reference)}) ${isAbsentToo}`,
    );
    if (rows > 0) return { rows, reference };
  }
  return null;
}

/** How many rows were deleted: a trigger may have kept some. */
export async function deleteAbsent(
  session: Session,
  { table }: LoadPlan,
  notes: AbsentNotes | null,
): Promise<number> {
  const row = notes === null ? "1" : `a.old_xmin, ${deletedRow(table)} as row`;
  const keep = notes === null ? "" : `, ${notes.keepDeleted("gone")}`;
  const [{ rows }] = await session.query<{ rows: number }>(
    `with gone as (
       delete from ${ownRows(table)} t using ${ABSENT} a where ${IS_ABSENT} returning ${row}
     )${keep} select count(*) as rows from gone`,
  );
  return rows;
}

/** The same for rows that are marked. */
export async function markAbsent(
  session: Session,
  plan: LoadPlan,
  mark: NonNullable<AbsentRule["mark"]>,
  notes: AbsentNotes | null,
): Promise<number> {
  const { table } = plan;
  const undo = notes?.updates ?? null;
  const keeps = undo !== null && undo.keeps !== null;
  const parts = !keeps ? [] : [
    `wanted as materialized (
       select ${undo.rowIdentity} as identity, ${oldValues(plan, undo, "t")}
       from ${ownRows(table)} t join ${ABSENT} a on ${IS_ABSENT})`,
    undo.keep("wanted"),
  ];
  const changed = `changed as (
    update ${ownRows(table)} t set ${identifier(mark.column)} = ${markValue(table, mark)}
    from ${ABSENT} a where ${IS_ABSENT} returning 1)`;
  const [{ rows }] = await session.query<{ rows: number }>(
    `with ${[...parts, changed].join(", ")} select count(*) as rows from changed`,
  );
  if (undo !== null && !keeps && rows > 0) await session.query(undo.mark("'updated'", rows, 0));
  return rows;
}
