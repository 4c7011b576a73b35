/** `deleted_rows`: what a run has deleted because its file doesn't have it, put back and then forgotten. */
import { chainOf } from "../runs/chain_writes.ts";
import type { Ledger } from "../ledger.ts";
import type { RowErrors } from "./rows.ts";

/** Some of a chain's deleted rows, by their numbers. */
export interface DeletedPiece {
  readonly relation: number;
  readonly from: number;
  /** The first number that is no longer part of it. */
  readonly to: number;
}

/** In pieces of at most so many rows; the latest first. */
export function listDeletedPieces(
  ledger: Ledger,
  root: number,
  most: number,
): Promise<(DeletedPiece & { readonly rows: number })[]> {
  return ledger.query(
    `select relation::bigint as relation, min(id) as "from", max(id) + 1 as "to", count(*)::int as rows
     from (
       select id, relation, (row_number() over (partition by relation order by id desc) - 1) / $1
         as piece
       from ${ledger.schema}.deleted_rows where run_id in ${chainOf(ledger, root)}
     ) numbered group by relation, piece order by piece, relation`,
    [most],
  );
}

/** Deleted rows that belonged to the same run before. */
export interface DeletedGroup {
  /** Whose undo has to find these rows again; null: of no run. */
  readonly owner:
    | { readonly run: number; readonly batch: number; readonly created: boolean }
    | null;
  /** The columns that are known of them. */
  readonly columns: readonly string[];
  readonly ids: readonly number[];
}

export async function groupDeleted(
  ledger: Ledger,
  root: number,
  { relation, from, to }: DeletedPiece,
): Promise<DeletedGroup[]> {
  const { schema } = ledger;
  return await ledger.query<DeletedGroup>(
    `with gone as materialized (
       select id, before_xid, array(select jsonb_object_keys(row)) as columns
       from ${schema}.deleted_rows
       where run_id in ${chainOf(ledger, root)} and relation = $1 and id >= $2 and id < $3
     ), owners as materialized (
       select distinct on (m.xid) m.xid, m.run_id, m.batch, m.wrote = 'created' as created
       from ${schema}.undo_marks m
       where m.relation = $1 and m.xid in (select before_xid from gone)
       order by m.xid, m.run_id
     )
     select case when o.run_id is null then null else jsonb_build_object(
         'run', o.run_id, 'batch', o.batch, 'created', o.created) end as owner,
       columns, array_agg(id order by id) as ids
     from gone left join owners o on o.xid = before_xid group by 1, 2`,
    [relation, from, to],
  );
}

/** They are in the table again. */
export async function forgetDeleted(ledger: Ledger, ids: readonly number[]): Promise<void> {
  await ledger.execute(
    `delete from ${ledger.schema}.deleted_rows where id = any($1::bigint[])`,
    [ids],
  );
}

/** A deleted row that can't be put back, and why. */
export interface LostRow {
  readonly number: number;
  readonly id: number;
  readonly errors: RowErrors;
}

export async function logLost(
  ledger: Ledger,
  runId: number,
  lost: readonly LostRow[],
): Promise<void> {
  if (lost.length === 0) return;
  await ledger.execute(
    `insert into ${ledger.schema}.logged_rows (run_id, row_number, line, status, raw, data, errors)
     select $1, l.number, 0, 'failed', convert_to(d.row::text, 'UTF8'),
       (select jsonb_object_agg(key, coalesce(value, '')) from jsonb_each_text(d.row)), l.errors::jsonb
     from unnest($2::bigint[], $3::bigint[], $4::text[]) as l (number, id, errors)
     join ${ledger.schema}.deleted_rows d on d.id = l.id`,
    [
      runId,
      lost.map(({ number }) => number),
      lost.map(({ id }) => id),
      lost.map(({ errors }) => JSON.stringify(errors)),
    ],
  );
}
