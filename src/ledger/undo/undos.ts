/** `runs`: undos, and the chains that they take back. */
import type { Ledger } from "../ledger.ts";
import type { Run } from "../runs/runs.ts";
import { chainOf } from "../runs/chain_writes.ts";

export interface Undo extends Pick<Run, "id" | "status" | "dry_run"> {
  readonly completed_at: string | null;
  /** Rows that are as they were before, and rows that were left as they are. */
  readonly reverted: number;
  readonly kept: number;
}

/**
 * SQL: does `u`, an undo, take its chain back? Yes from its beginning on, unless it has ended without
 * doing anything.
 */
export function takesBack({ schema }: Ledger): string {
  return `exists (select from ${schema}.undone_runs t where t.by_run_id = u.id)`;
}

/** SQL: is the chain with this root taken back? */
export function isUndone({ schema }: Ledger, root: string): string {
  return `exists (select from ${schema}.undone_runs t where t.run_id = ${root})`;
}

/** Of the chain with this root; the latest first. `which`: those that take it back, or all. */
export function listUndos(
  ledger: Ledger,
  root: number,
  which: "all" | "effective" = "all",
): Promise<Undo[]> {
  return ledger.query<Undo>(
    `select u.id, u.status, u.dry_run, to_jsonb(u.completed_at) #>> '{}' as completed_at,
       (done.deleted + done.updated)::bigint as reverted, done.failed as kept
     from ${ledger.schema}.runs u
     cross join lateral (
       select coalesce(sum(deleted), 0) as deleted, coalesce(sum(updated), 0) as updated,
         coalesce(sum(failed), 0)::bigint as failed
       from ${ledger.schema}.batches where run_id = u.id
     ) done
     where u.undoes_run_id = $1 and ($2 = 'all' or ${takesBack(ledger)}) order by u.id desc`,
    [root, which],
  );
}

/**
 * The latest undo that takes the chain back, or has, with what those before it have reverted as well;
 * null if none.
 */
export async function findUndo(ledger: Ledger, root: number): Promise<Undo | null> {
  const undos = await listUndos(ledger, root, "effective");
  if (undos.length === 0) return null;
  return { ...undos[0], reverted: undos.reduce((sum, { reverted }) => sum + reverted, 0) };
}

/**
 * A run of the chain that has written to other tables, too, without remembering it; null if there is
 * none. If none of its runs remembers anything, that is said otherwise.
 */
export async function findUnremembered(ledger: Ledger, root: number): Promise<number | null> {
  const { schema } = ledger;
  const [found] = await ledger.query<{ id: number }>(
    `select r.id from ${schema}.runs r
     where r.id in ${chainOf(ledger, root)} and r.definition #>> '{options,undo}' = 'off'
       and (r.definition -> 'many' is not null or r.definition -> 'nested' is not null)
       and exists (select from ${schema}.batches b where b.run_id = r.id and b.related is not null)
       and exists (select from ${schema}.undo_marks where run_id in ${chainOf(ledger, root)})
     order by r.id limit 1`,
  );
  return found?.id ?? null;
}

/** What is known of a chain's writing. */
export interface ChainFacts {
  readonly created: number;
  readonly updated: number;
  /** Rows that its files don't have, which were deleted or marked; and those that can be put back. */
  readonly removed: number;
  readonly kept_deleted: number;
  /** Rows that it has written to other tables. */
  readonly related: number;
  /** In which tables these were. */
  readonly deleted_from: readonly number[];
  readonly has_marks: boolean;
  /** None of its runs remembers anything, because they were told so. */
  readonly off: boolean;
  /** Not even that was known: runs of an older version. */
  readonly older: boolean;
  /** In milliseconds. */
  readonly undo_for: number | null;
  readonly ended_at: Date | null;
  /** How many transactions there were since its first one; null without marks. */
  readonly age: string | null;
}

export async function readChainFacts(ledger: Ledger, root: number): Promise<ChainFacts> {
  const { schema } = ledger;
  const [facts] = await ledger.query<ChainFacts>(
    `select coalesce(sum(p.created), 0)::bigint as created,
       coalesce(sum(p.updated), 0)::bigint as updated,
       coalesce(sum(coalesce(r.absent ->> 'deleted', r.absent ->> 'marked')::bigint), 0)::bigint
         as removed,
       (select count(*) from ${schema}.deleted_rows
         where run_id in ${chainOf(ledger, root)}) as kept_deleted,
       (select coalesce(sum(value::bigint), 0)::bigint from ${schema}.batches b,
           jsonb_each(b.related) t (name, counts), jsonb_each_text(t.counts) c (what, value)
         where b.run_id in ${
      chainOf(ledger, root)
    } and c.what not in ('skipped', 'failed')) as related,
       array(select distinct relation::bigint from ${schema}.deleted_rows
         where run_id in ${chainOf(ledger, root)}) as deleted_from,
       coalesce(bool_and(r.definition #>> '{options,undo}' = 'off'), false) as off,
       bool_and(r.definition #>> '{options,undo}' is null) as older,
       max(r.completed_at) as ended_at,
       exists (select from ${schema}.undo_marks
         where run_id in ${chainOf(ledger, root)}) as has_marks,
       min((r.definition #>> '{options,undo_for}')::bigint) as undo_for,
       (select (pg_snapshot_xmax(pg_current_snapshot())::text::numeric - min(xid::text::numeric))::text
        from ${schema}.undo_marks where run_id in ${chainOf(ledger, root)}) as age
     from ${schema}.runs r
     cross join lateral (
       select created, updated from ${schema}.run_progress where run_id = r.id offset 0
     ) p
     where r.id in ${chainOf(ledger, root)}`,
  );
  return facts;
}

/** A run that has written to a table after a chain has. */
export interface LaterRun {
  readonly run: number;
  /** How many of the chain's rows it has updated or deleted, as far as that is known. */
  readonly rows: number | null;
}

/**
 * Roots of other chains that have updated or deleted rows of the table since and were not taken back, the latest
 * first. One that has only created rows can't have touched those of this chain.
 */
export function listLaterRuns(ledger: Ledger, root: number, relation: number): Promise<LaterRun[]> {
  const { schema } = ledger;
  return ledger.query<LaterRun>(
    `with own as materialized (
       select distinct xid from ${schema}.undo_marks
       where run_id in ${chainOf(ledger, root)} and relation = ${relation}
     ), later as (
       select distinct coalesce(r.parent_id, r.id) as run from ${schema}.undo_tables t
       join ${schema}.runs r on r.id = t.run_id
       where t.relation = ${relation} and t.run_id > ${BigInt(root)}
         and t.run_id not in ${chainOf(ledger, root)}
         and (exists (select from ${schema}.undo_marks m where m.run_id = r.id
             and m.relation = ${relation} and m.wrote = 'updated' and m.rows > 0)
           or exists (select from ${schema}.undo_rows u where u.run_id = r.id
             and u.relation = ${relation} and not u.created)
           or exists (select from ${schema}.deleted_rows d where d.run_id = r.id
             and d.relation = ${relation}))
         and not exists (select from ${schema}.runs u
           where u.undoes_run_id = coalesce(r.parent_id, r.id) and u.status = 'completed'
             and not u.dry_run)
     )
     select run, (
       select nullif(count(*), 0) from (
         select run_id, before_xid from ${schema}.undo_rows
         union all select run_id, before_xid from ${schema}.deleted_rows) u
       join own on own.xid = u.before_xid
       where u.run_id in (select id from ${schema}.runs where id = run or parent_id = run)) as rows
     from later order by run desc`,
  );
}

export async function recordUndone(
  ledger: Ledger,
  root: number,
  undo: Pick<Run, "id" | "dry_run">,
  by: string | null,
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, actor, details)
     values ($1, 'undone', $2, jsonb_strip_nulls(jsonb_build_object('undo', $3::bigint,
       'dry_run', nullif($4, false))))`,
    [root, by, undo.id, undo.dry_run],
  );
}
