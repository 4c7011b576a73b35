/**
 * What has been kept for as long as it should: the logged rows of chains that have ended, and whole
 * chains. A chain is a run with its retries, and with what took it back.
 */
import type { KeepRule } from "../../importer/definition.ts";
import { isLockTimeout } from "../../db/table_locked.ts";
import type { Ledger } from "../ledger.ts";
import { rootOf } from "./retries.ts";
import type { Run } from "./runs.ts";

/** For the open transaction: nobody else removes anything by itself. False if somebody does. */
export async function holdCleaning(ledger: Ledger): Promise<boolean> {
  const [{ held }] = await ledger.query<{ held: boolean }>(
    `select pg_try_advisory_xact_lock(${ledger.lockKey("clean", "0")}) as held`,
  );
  return held;
}

export interface ImporterKeep {
  readonly importer: string;
  /** What its latest run says: it holds for all of them. */
  readonly keep: KeepRule | null;
}

export function listKeeps(ledger: Ledger, only: string | null): Promise<ImporterKeep[]> {
  const { schema } = ledger;
  // One step of the index for each importer, however many runs there are.
  return ledger.query<ImporterKeep>(
    `with recursive i (importer) as (
       (select importer from ${schema}.runs where $1::text is null or importer = $1
        order by importer limit 1)
       union all
       select (select r.importer from ${schema}.runs r where r.importer > i.importer
         order by r.importer limit 1)
       from i where i.importer is not null and $1::text is null
     )
     select importer, (
       select r.definition #> '{options,keep}' from ${schema}.runs r
       where r.importer = i.importer and r.kind = 'import' order by r.id desc limit 1) as keep
     from i where importer is not null`,
    [only],
  );
}

/** Milliseconds after a chain's end; null: never. */
export interface Ages {
  readonly failed_rows: number | null;
  readonly runs: number | null;
}

export interface LookedAt {
  readonly root: number;
  /** The chain is old enough to be deleted. */
  readonly isExpired: boolean;
  /** It has logged rows that are old enough to be removed. */
  readonly isStale: boolean;
}

/** The next chains of an importer that have ended some time ago, after root `after`. */
export function lookAtChains(
  ledger: Ledger,
  importer: string,
  ages: Ages,
  after: number,
  limit: number,
): Promise<LookedAt[]> {
  const { schema } = ledger;
  const before = (age: string) =>
    `clock_timestamp() - make_interval(secs => ${age}::float8 / 1000)`;
  return ledger.query<LookedAt>(
    `select root.id as root, coalesce(c.ended < ${before("$4")}, false) as "isExpired",
       coalesce(c.has_rows and c.ended < ${before("$5")}, false) as "isStale"
     from (
       select id from ${schema}.runs
       where importer = $1 and id > $2 and parent_id is null and undoes_run_id is null
         and completed_at < ${before("least($4::float8, $5::float8)")}
       order by id limit $3
     ) root
     cross join lateral (
       select case when bool_and(m.completed_at is not null) then max(m.completed_at) end as ended,
         bool_or(exists (select from ${schema}.logged_rows where run_id = m.id)) as has_rows
       from ${schema}.runs m
       where m.id = root.id or m.parent_id = root.id or m.undoes_run_id = root.id
     ) c
     order by root.id`,
    [importer, after, limit, ages.runs, ages.failed_rows],
  );
}

/** A run of a chain that was held. */
export interface OldRun {
  readonly id: number;
  readonly processed_filepath: string | null;
}

/** How long a piece waits for somebody who uses a chain, in milliseconds. */
const PATIENCE = 500;

/**
 * Locks the chain for the open transaction, if all of it ended more than `age` ago. Null if not, or if
 * somebody is using it: a retry that is being created, say.
 */
export async function holdOldChain(
  ledger: Ledger,
  root: number,
  age: number,
): Promise<readonly OldRun[] | null> {
  const { schema } = ledger;
  await ledger.query(
    `savepoint ingest_chain; set local lock_timeout = ${PATIENCE};`,
  );
  try {
    // In two statements: a retry that is being created has locked its root.
    await ledger.execute(`select from ${schema}.runs where id = $1 for update`, [root]);
    await ledger.execute(
      `select from ${schema}.runs where parent_id = $1 or undoes_run_id = $1 order by id for update`,
      [root],
    );
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    await ledger.query("rollback to ingest_chain");
    return null;
  }
  await ledger.query("release ingest_chain; set local lock_timeout to default");
  const runs = await ledger.query<OldRun & { readonly isOld: boolean }>(
    `select id, processed_filepath, coalesce(completed_at
       < clock_timestamp() - make_interval(secs => $2::float8 / 1000), false) as "isOld"
     from ${schema}.runs where id = $1 or parent_id = $1 or undoes_run_id = $1 order by id`,
    [root, age],
  );
  return runs.length > 0 && runs.every(({ isOld }) => isOld) ? runs : null;
}

/** Notes that the chain's logged rows are removed from now on, once for all pieces. */
export async function noteRowsRemoved(
  ledger: Ledger,
  root: number,
  age: number,
): Promise<void> {
  const { schema } = ledger;
  await ledger.execute(
    `with run as (
       update ${schema}.runs r set rows_removed_at = clock_timestamp()
       where (id = $1 or parent_id = $1 or undoes_run_id = $1)
         and (rows_removed_at is null or rows_removed_at < completed_at)
         and exists (select from ${schema}.logged_rows where run_id = r.id)
       returning id
     )
     insert into ${schema}.run_events (run_id, type, details)
     select id, 'rows removed', jsonb_build_object('kept_for_days', round($2::numeric / 86400000, 3))
     from run`,
    [root, age],
  );
}

/** The tables that may have millions of rows of a run. */
const LOGGED = ["logged_rows", "corrections", "retried_ranges"] as const;
const OTHERS = ["deferred", "undo_rows", "deleted_rows", "undo_marks", "batch_errors"] as const;

/**
 * Deletes at most `limit` rows that belong to the runs: those that are logged, with what is known about
 * them, or everything that there may be much of. Returns how many: if fewer than `limit`, none is left.
 */
export async function deleteRowsOf(
  ledger: Ledger,
  runs: readonly OldRun[],
  limit: number,
  what: "logged" | "all",
): Promise<number> {
  await ledger.walkTheIndex();
  let deleted = 0;
  for (const table of what === "all" ? [...LOGGED, ...OTHERS] : LOGGED) {
    for (const { id } of runs) {
      if (deleted === limit) return deleted;
      deleted += await ledger.execute(
        `delete from ${ledger.schema}.${table} where ctid = any(array(
           select ctid from ${ledger.schema}.${table} where run_id = $1 limit $2))`,
        [id, limit - deleted],
      );
    }
  }
  return deleted;
}

/** When logged rows of the run, or of its chain's root, were removed; null: they are all there. */
export async function whenRowsRemoved(
  ledger: Ledger,
  run: Pick<Run, "id" | "parent_id">,
): Promise<Date | null> {
  const [{ at }] = await ledger.query<{ at: Date | null }>(
    `select max(rows_removed_at) as at from ${ledger.schema}.runs where id in ($1, $2)`,
    [run.id, rootOf(run)],
  );
  return at;
}
