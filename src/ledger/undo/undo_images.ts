/** `undo_rows`: the old values of updated rows, given back and then forgotten. */
import type { Ledger } from "../ledger.ts";
import type { RowErrors } from "../rows/rows.ts";
import { chainOf, IS_IMAGE } from "../runs/chain_writes.ts";

/** The old values that one batch has kept of one table's rows. */
export interface ImageBatch {
  readonly run: number;
  readonly batch: number;
  readonly relation: number;
}

/** The latest first: they are given back in this order. */
export function listImageBatches(
  ledger: Ledger,
  root: number,
): Promise<(ImageBatch & { readonly rows: number })[]> {
  return ledger.query(
    `select run_id as run, batch, relation::bigint as relation, count(*)::int as rows
     from ${ledger.schema}.undo_rows u
     where run_id in ${chainOf(ledger, root)} and ${IS_IMAGE}
     group by run_id, batch, relation order by run_id desc, batch desc, relation`,
  );
}

/** SQL: is `u` one of them? */
export function isImage({ run, batch, relation }: ImageBatch): string {
  return `u.run_id = ${run} and u.batch = ${batch} and u.relation = ${relation}
    and ${IS_IMAGE}`;
}

/** Images of rows that belonged to the same run before. */
export interface ImageGroup {
  /** Whose undo has to find these rows again; null: of no run. */
  readonly owner:
    | { readonly run: number; readonly batch: number; readonly created: boolean }
    | null;
  /** Several of the batch's rows are told apart by nothing. */
  readonly ambiguous: boolean;
  readonly places: readonly string[];
}

export async function groupImages(ledger: Ledger, images: ImageBatch): Promise<ImageGroup[]> {
  const { schema } = ledger;
  return await ledger.query<ImageGroup>(
    `with images as materialized (
       select u.ctid, u.identity, u.before_xid, count(*) over (partition by u.identity) > 1 as ambiguous
       from ${schema}.undo_rows u where ${isImage(images)}
     ), owners as materialized (
       select distinct on (m.xid) m.xid, m.run_id, m.batch, m.wrote = 'created' as created
       from ${schema}.undo_marks m
       where m.relation = ${images.relation} and m.xid in (select before_xid from images)
       order by m.xid, m.run_id
     )
     select case when o.run_id is null then null else jsonb_build_object('run', o.run_id,
         'batch', o.batch, 'created', coalesce(e.created, o.created)) end as owner,
       i.ambiguous, array_agg(i.ctid::text order by i.ctid) as places
     from images i left join owners o on o.xid = i.before_xid
     left join ${schema}.undo_rows e on e.run_id = o.run_id and e.batch = o.batch
       and e.xid = o.xid and e.identity = i.identity and e.created <> o.created
     group by 1, 2`,
  );
}

/**
 * In the savepoint that has given so many rows of `owner` their values back: from now on it finds them
 * under this savepoint's number, which `numberMarks` fills in.
 */
export async function markRestored(
  ledger: Ledger,
  { run, batch, created }: NonNullable<ImageGroup["owner"]>,
  relation: number,
  rows: number,
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.undo_marks (run_id, batch, relation, wrote, rows, fresh)
     values ($1, $2, $3, $4, $5, 0)`,
    [run, batch, relation, created ? "created" : "updated", rows],
  );
}

/** Fills in the numbers of the marks that this transaction has made. */
export async function numberMarks(ledger: Ledger): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.undo_marks
     -- A subtransaction's number comes after that of its transaction.
     set xid = (top.xid + mod(mod(xmin::text::numeric - top.xid, 4294967296) + 4294967296, 4294967296)
       )::text::xid8
     from (select pg_current_xact_id()::text::numeric as xid) as top
     where undo_marks.xid is null`,
  );
}

/** An image that stays, and why. */
export interface KeptImage {
  readonly number: number;
  readonly place: string;
  readonly errors: RowErrors;
}

/** Logs the old values that were not given back. */
export async function logKeptImages(
  ledger: Ledger,
  runId: number,
  kept: readonly KeptImage[],
  columns: readonly string[],
): Promise<void> {
  if (kept.length === 0) return;
  await ledger.execute(
    `insert into ${ledger.schema}.logged_rows (run_id, row_number, line, status, raw, data, errors)
     select $1, k.number, 0, 'failed', convert_to(u.before::text, 'UTF8'),
       jsonb_object($5::text[], array(select coalesce(value, '')
         from unnest(u.before) with ordinality as b (value, i) order by i)),
       k.errors::jsonb
     from unnest($2::bigint[], $3::tid[], $4::text[]) as k (number, place, errors)
     join ${ledger.schema}.undo_rows u on u.ctid = k.place`,
    [
      runId,
      kept.map(({ number }) => number),
      kept.map(({ place }) => place),
      kept.map(({ errors }) => JSON.stringify(errors)),
      columns,
    ],
  );
}
