/**
 * Deletes from the ledger: whole chains (a run and its retries), single retries, and logged rows
 * that are no longer needed.
 */
import type { Ledger } from "../ledger.ts";
import type { RunStatus } from "./statuses.ts";
import { isUndone } from "../undo/undos.ts";

/** A run as a part of its chain. */
export interface ChainRun {
  readonly id: number;
  readonly status: RunStatus;
  readonly dry_run: boolean;
  /** Null for the root of the chain. */
  readonly parent_id: number | null;
  readonly retried_from_run_id: number | null;
  readonly completed_at: Date | null;
  readonly processed_filepath: string | null;
  /** How many of the root's failed rows it has fixed: one for each row that it loaded. */
  readonly resolved: number;
}

/** The root first, then its retries in the order of their creation. */
export function listChain(ledger: Ledger, root: number): Promise<ChainRun[]> {
  return ledger.query<ChainRun>(
    `select id, status, dry_run, parent_id, retried_from_run_id, completed_at, processed_filepath,
       case when parent_id is null or dry_run then 0 else (
         select coalesce(sum(created + updated + skipped), 0)::bigint
         from ${ledger.schema}.batches where run_id = r.id) end as resolved
     from ${ledger.schema}.runs r where id = $1 or parent_id = $1 order by id`,
    [root],
  );
}

/**
 * The same, locked in the open transaction: until it ends, no retry of the chain begins, and none
 * of its runs is resumed. Waits for batches that are being loaded, so check first that all runs of
 * the chain have ended.
 */
export async function lockWholeChain(ledger: Ledger, root: number): Promise<ChainRun[]> {
  // A retry that is being created locks its root. Only a statement that begins after that lock is
  // released sees the retry.
  for (const which of ["id = $1", "parent_id = $1 order by id"]) {
    await ledger.execute(
      `select from ${ledger.schema}.runs where ${which} for update`,
      [root],
    );
  }
  return await listChain(ledger, root);
}

/** With all that belongs to them, in the open transaction. Returns how many rows they logged. */
export async function deleteRuns(ledger: Ledger, ids: readonly number[]): Promise<number> {
  const rows = await ledger.execute(
    `delete from ${ledger.schema}.rows where run_id = any($1::bigint[])`,
    [ids],
  );
  // A trigger also deletes the results of their retries.
  await ledger.execute(`delete from ${ledger.schema}.runs where id = any($1::bigint[])`, [ids]);
  return rows;
}

/** `ageMs` before now, on the database's clock, from which all times of runs come. */
export async function timeBefore(ledger: Ledger, ageMs: number): Promise<Date> {
  const [{ at }] = await ledger.query<{ at: Date }>(
    "select clock_timestamp() - make_interval(secs => $1::float8 / 1000) as at",
    [ageMs],
  );
  return at;
}

/**
 * Roots of chains whose runs all ended before `before`, in order, from `after` on. What took a run back
 * goes with that run: without it, nobody would know that the run was taken back.
 */
export async function listOldChains(
  ledger: Ledger,
  before: Date,
  after: number,
  limit: number,
): Promise<number[]> {
  const roots = await ledger.query<{ id: number }>(
    `select id from ${ledger.schema}.runs root
     where parent_id is null and undoes_run_id is null and id > $2 and completed_at < $1
       and not exists (
         select from ${ledger.schema}.runs other
         where (other.parent_id = root.id or other.undoes_run_id = root.id)
           and (other.completed_at is null or other.completed_at >= $1))
     order by id limit $3`,
    [before, after, limit],
  );
  return roots.map(({ id }) => id);
}

/**
 * How many failed rows of a chain can still be retried: logged, not fixed and not waived, and
 * the chain was not taken back. Failures that only a dry run found are not counted.
 */
export async function countRetryable(ledger: Ledger, root: number): Promise<number> {
  const [{ n }] = await ledger.query<{ n: number }>(
    `select count(*) as n from ${ledger.schema}.rows o
     join ${ledger.schema}.runs root on root.id = o.run_id
     where o.run_id = $1 and ${UNRESOLVED} and o.waiver_id is null
       and not ${isUndone(ledger, "o.run_id")}
       and (not root.dry_run or exists (
         select from ${ledger.schema}.runs retry
         join ${ledger.schema}.rows again
           on again.run_id = retry.id and again.row_number = o.row_number
         where retry.parent_id = root.id and not retry.dry_run and again.status = 'failed'))`,
    [root],
  );
  return n;
}

/** A condition on `o`, a logged row of a root. */
const UNRESOLVED = "o.status = 'failed' and o.resolved_by_run_id is null";

/** SQL: true if no retry needs the logged row `r` of a chain whose root is parameter 2. */
function unneeded(ledger: Ledger, range = ""): string {
  return `(r.status <> 'failed' or not exists (
    select from ${ledger.schema}.rows o
    where o.run_id = $2 and o.row_number = r.row_number and ${UNRESOLVED} ${range}))`;
}

export async function countUnneeded(ledger: Ledger, run: number, root: number): Promise<number> {
  const [{ n }] = await ledger.query<{ n: number }>(
    `select count(*) as n from ${ledger.schema}.rows r where run_id = $1 and ${unneeded(ledger)}`,
    [run, root],
  );
  return n;
}

export async function countLogged(ledger: Ledger, runs: readonly number[]): Promise<number> {
  const [{ n }] = await ledger.query<{ n: number }>(
    `select count(*) as n from ${ledger.schema}.rows where run_id = any($1::bigint[])`,
    [runs],
  );
  return n;
}

export interface DeletedStretch {
  readonly deleted: number;
  /** The last row that was examined; null: there are no more. */
  readonly through: number | null;
}

/**
 * Deletes the rows that no retry needs among the next `limit` logged rows of a run. A retry that
 * begins meanwhile doesn't need them either: a fixed row stays fixed.
 */
export async function deleteUnneeded(
  ledger: Ledger,
  run: number,
  root: number,
  after: number,
  limit: number,
): Promise<DeletedStretch> {
  const { schema } = ledger;
  const [{ through }] = await ledger.query<{ through: number | null }>(
    `select max(row_number) as through from (
       select row_number from ${schema}.rows
       where run_id = $1 and row_number > $2 order by row_number limit $3) as stretch`,
    [run, after, limit],
  );
  if (through === null) return { deleted: 0, through };
  // The range limits the root's rows, too: otherwise Postgres tends to read all of them at once.
  const deleted = await ledger.execute(
    `delete from ${schema}.rows r
     where r.run_id = $1 and r.row_number > $3 and r.row_number <= $4
       and ${unneeded(ledger, "and o.row_number > $3 and o.row_number <= $4")}`,
    [run, root, after, through],
  );
  // Marks of rows that are all gone. One that reaches further is looked at with the next stretch.
  await ledger.execute(
    `delete from ${schema}.retried_ranges t
     where t.run_id = $1 and t.last_row > $2 and t.first_row <= $3 and not exists (
       select from ${schema}.logged_rows l
       where l.run_id = t.run_id and l.row_number between t.first_row and t.last_row)`,
    [run, after, through],
  );
  return { deleted, through };
}

/** So that `ingest rows` can say why they are missing. The event is deleted together with the run. */
export async function recordPruned(ledger: Ledger, run: number, rows: number): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, details)
     select id, 'pruned', jsonb_build_object('rows', $2::bigint)
     -- If another prune has just deleted it, there is nothing to record.
     from ${ledger.schema}.runs where id = $1 for key share`,
    [run, rows],
  );
}

export async function wasPruned(ledger: Ledger, run: number): Promise<boolean> {
  const [{ pruned }] = await ledger.query<{ pruned: boolean }>(
    `select exists (
       select from ${ledger.schema}.run_events where run_id = $1 and type = 'pruned') as pruned`,
    [run],
  );
  return pruned;
}

/**
 * The stored copies that belong to no run. Compares only their file names, which are random: the
 * folder may be mounted elsewhere on other machines.
 */
export async function listUnnamed(ledger: Ledger, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const name = (path: string) => `regexp_replace(${path}, '^.*[/\\\\]', '')`;
  const unnamed = await ledger.query<{ path: string }>(
    `with named as materialized (
       select ${name("processed_filepath")} as name from ${ledger.schema}.runs
       where processed_filepath is not null
       union select ${name("source ->> 'path'")} from ${ledger.schema}.runs
     )
     select path from unnest($1::text[]) as copy (path)
     where not exists (select from named where named.name = ${name("path")})`,
    [paths],
  );
  return unnamed.map(({ path }) => path);
}
