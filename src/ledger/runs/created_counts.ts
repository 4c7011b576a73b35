/** How many rows a chain of runs has created, by table: for whoever takes them back. */
import { chainOf } from "./chain_writes.ts";
import type { Ledger } from "../ledger.ts";

export interface CreatedIn {
  readonly relation: number;
  /** Under marks that say so: not where code of the table wrote beside them. */
  readonly marked: number;
}

/** By what is remembered of them. */
export interface CreatedCounts {
  readonly tables: readonly CreatedIn[];
  /** In batches without: of a version that wrote none, or marks that were removed. */
  readonly unmarked: number;
}

export async function countCreated(ledger: Ledger, root: number): Promise<CreatedCounts> {
  const { schema } = ledger;
  const chain = chainOf(ledger, root);
  const tables = await ledger.query<CreatedIn>(
    `with marks as (
       select run_id, batch, relation,
         sum(case wrote when 'created' then coalesce(rows, 0) else 0 end) as created,
         case when bool_and(fresh is not null) then sum(fresh) end as fresh
       from ${schema}.undo_marks where run_id in ${chain} group by run_id, batch, relation
     ), exceptions as (
       select run_id, batch, relation, count(*) as created from ${schema}.undo_rows
       where run_id in ${chain} and before is null and created group by run_id, batch, relation
     )
     -- Marks of an older version don't say how many rows they have written more than once.
     select m.relation::bigint as relation, greatest(0, sum(coalesce(
         m.fresh, least(b.created, m.created + coalesce(e.created, 0)))))::bigint as marked
     from marks m
     join ${schema}.batches b on b.run_id = m.run_id and b.number = m.batch
     left join exceptions e on (e.run_id, e.batch, e.relation) = (m.run_id, m.batch, m.relation)
     group by m.relation order by m.relation`,
  );
  const [{ unmarked }] = await ledger.query<{ unmarked: number }>(
    `select coalesce(sum(created), 0)::bigint as unmarked from ${schema}.batches b
     where run_id in ${chain} and created > 0 and not exists (
       select from ${schema}.undo_marks m where m.run_id = b.run_id and m.batch = b.number)`,
  );
  return { tables, unmarked };
}

/** How many were deleted by undos before run `except`, by table. */
export async function countUndone(
  ledger: Ledger,
  root: number,
  except: number,
): Promise<ReadonlyMap<number, number>> {
  const { schema } = ledger;
  const undone = await ledger.query<{ relation: number; rows: number }>(
    `select ${tableOf("u", "b.relation")} as relation, sum(b.deleted)::bigint as rows
     from ${schema}.runs u join ${schema}.batches b on b.run_id = u.id
     where u.undoes_run_id = $1 and u.id <> $2 and not u.dry_run and b.deleted > 0
     group by 1`,
    [root, except],
  );
  return new Map(undone.map(({ relation, rows }) => [relation, rows]));
}

/** How many the undo's plan has found, by table. */
export async function countFound(
  ledger: Ledger,
  undo: number,
): Promise<ReadonlyMap<number, number>> {
  const { schema } = ledger;
  const found = await ledger.query<{ relation: number; rows: number }>(
    `select ${tableOf("u", "b.relation")} as relation, sum(b.first_line)::bigint as rows
     from ${schema}.runs u join ${schema}.batches b on b.run_id = u.id
     where u.id = $1 and b.first_line > 0 group by 1`,
    [undo],
  );
  return new Map(found.map(({ relation, rows }) => [relation, rows]));
}

/** SQL: the table that a partition belongs to, as the undo `u` knows it. */
function tableOf(undo: string, relation: string): string {
  return `coalesce((
    select (leaf ->> 'table')::bigint from jsonb_array_elements(${undo}.source #> '{undo,leaves}') leaf
    where (leaf ->> 'relation')::bigint = ${relation}::bigint limit 1), ${relation}::bigint)`;
}
