/**
 * Runs that one transaction loads as a whole (`runs.whole`). Its worker has claimed the first batch,
 * which stands for all of them: the others are taken and completed within that transaction, so nobody
 * else sees anything of it before it is committed.
 */
import type { Batch } from "../batches/batches.ts";
import { isPlanned } from "../batches/claim_batch.ts";
import { isHeld, type Ledger } from "../ledger.ts";
import { type BatchSize, openNextPhase } from "../batches/next_phase.ts";

export type NextBatch =
  | { readonly kind: "batch"; readonly batch: Batch }
  | { readonly kind: "none" }
  /** More may come: the plan isn't finished. `planner`: somebody is at it. */
  | { readonly kind: "unplanned"; readonly planner: boolean }
  /** The run was cancelled or has failed meanwhile. */
  | { readonly kind: "stopped" };

/**
 * Takes the batch that comes after number `after`, in the open transaction. `first`: the batch that was
 * claimed.
 */
export async function takeNext(ledger: Ledger, first: Batch, after: number): Promise<NextBatch> {
  const [found] = await ledger.query<
    Batch & { stopped: boolean; found: boolean; planned: boolean; planner: boolean }
  >(
    `with taken as (
       update ${ledger.schema}.batches b
       set status = 'processing',
         claimed_at = case b.id when $2 then b.claimed_at else clock_timestamp() end,
         attempts = b.attempts + case b.id when $2 then 0 else 1 end,
         worker = (select worker from ${ledger.schema}.batches where id = $2)
       where b.run_id = $1 and b.number = (
         select number from ${ledger.schema}.batches
         where run_id = $1 and number > $3 and status in ('pending', 'processing')
         order by number limit 1)
       returning b.*
     )
     select r.status <> 'processing' or r.error is not null as stopped,
       taken.id is not null as found, r.planned_at is not null as planned,
       taken.id is null and r.planned_at is null and ${isPlanned(ledger)} as planner, taken.*
     from ${ledger.schema}.runs r left join taken on true where r.id = $1`,
    [first.run_id, first.id, after],
  );
  if (found === undefined || found.stopped) return { kind: "stopped" };
  if (found.found) return { kind: "batch", batch: found };
  return found.planned ? { kind: "none" } : { kind: "unplanned", planner: found.planner };
}

/** Opens the next phase for the rows that wait for one, if there are any. */
export async function openPhaseOfWaiting(
  ledger: Ledger,
  runId: number,
  size: BatchSize,
): Promise<boolean> {
  const [{ waiting }] = await ledger.query<{ waiting: boolean }>(
    `select exists (select from ${ledger.schema}.deferred
       where run_id = $1 and phase > (
         select coalesce(max(phase), 1) from ${ledger.schema}.batches where run_id = $1)) as waiting`,
    [runId],
  );
  if (waiting) await openNextPhase(ledger, runId, size);
  return waiting;
}

/**
 * Nothing of the run stays in the table: of its batches, only the failed rows remain. `keepsDiff`: and
 * what it would change.
 */
export async function noteRolledBack(
  ledger: Ledger,
  runId: number,
  keepsDiff = false,
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.batches
     set status = 'rolled_back', created = 0, updated = 0, skipped = 0, taken = 0,
       by_file = null, added = null, related = null${keepsDiff ? "" : ", diff = null"}
     where run_id = $1 and status = 'completed'`,
    [runId],
  );
  // Where all rows are logged.
  await ledger.execute(
    `delete from ${ledger.schema}.logged_rows where run_id = $1 and status <> 'failed'`,
    [runId],
  );
}

/** Does the table check some of its constraints only when a transaction ends? */
export async function defersChecks(
  ledger: Ledger,
  relations: readonly number[],
): Promise<boolean> {
  const [{ defers }] = await ledger.query<{ defers: boolean }>(
    `select exists (select from pg_constraint where conrelid = any($1::oid[]) and condeferred)
       or exists (select from pg_trigger where tgrelid = any($1::oid[]) and tginitdeferred)
       as defers`,
    [relations],
  );
  return defers;
}

/** Cancels what the run's transactions are executing. Leaves alone connections of other roles. */
export async function cancelStatements(ledger: Ledger, runId: number): Promise<void> {
  const keys = ["run", "rehearsal"] as const;
  await ledger.query(
    `select pg_cancel_backend(a.pid) from pg_stat_activity a
     where a.pid <> pg_backend_pid() and a.state = 'active' and pg_has_role(a.usesysid, 'member')
       and exists (select from pg_locks l where l.pid = a.pid and ${
      isHeld(`any (array[${keys.map((key) => ledger.lockKey(key, "$1::bigint")).join(", ")}])`)
    })`,
    [runId],
  );
}
