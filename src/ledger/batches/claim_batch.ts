/** `batches`: finds batches that a worker may take, and claims the next one for it. */
import type { Batch } from "./batches.ts";
import { isHeld, type Ledger } from "../ledger.ts";
import { inScope, scopeParameters, type WorkScope } from "../runs/scope.ts";

/** A batch that this worker has claimed. */
export interface ClaimedBatch extends Batch {
  /**
   * Which run it is, and as what it was last resumed. After a restore, another run may have the
   * same number, and a batch of it the same id.
   */
  readonly run_identity: string;
}

/** Tells it from every other batch, also after a restore. */
export function identityOf({ run_identity, id }: ClaimedBatch): string {
  return `${run_identity} ${id}`;
}

/**
 * `fresh`: batches that no worker has tried. `rescued`: batches whose holder died. A batch that was
 * tried before runs in a process of its own, so that a poison batch takes no others down with it.
 */
export type ClaimKind = "fresh" | "rescued";

/**
 * SQL: how long a claim of the batch `b` may exist without its lock before it counts as abandoned. On a
 * busy machine that may take longer. Then another worker does the batch, and the first leaves it. But a
 * batch that is tried alone would count as one that has killed its process: after three, the run fails.
 */
const CLAIM_GRACE = "(case when b.lone_attempts = 0 then interval '500 milliseconds' " +
  "else interval '5 seconds' end)";

/** The batch `b` is not completed, and its run `r` is still processing. */
const IS_WANTED = `b.status in ('pending', 'processing')
         and r.status = 'processing' and r.error is null`;

/** How long a dry run's next batch in order waits for the worker that did the previous one. */
const REHEARSAL_GRACE = "interval '2 seconds'";

/**
 * Claims a batch in a statement of its own (if the batch's transaction counted attempts, the count
 * would be lost with the process). Batches of later phases, and all batches of a run that is
 * `in_order`, are claimed one at a time, when everything before them is done. In a dry run, the
 * worker that did the previous batch should claim the next: another would have to load all of them
 * again. The first batch of a run that is loaded as a whole stands for all of them. It is claimed when
 * all are planned, or, if the worker can wait for them, while somebody plans: `withPlanner`. If it was
 * tried before, it waits for the plan. `except`: runs to leave alone.
 */
export async function claimBatch(
  ledger: Ledger,
  kind: ClaimKind,
  worker: string,
  scope: WorkScope,
  except: readonly number[] = [],
  withPlanner = false,
): Promise<ClaimedBatch | null> {
  const state = kind === "fresh"
    ? `b.status = 'pending' and b.attempts = 0 and ${mayGoOn(ledger)}`
    : abandonedBatch(ledger);
  const [run, host, buckets] = scopeParameters(scope);
  const [batch] = await ledger.query<ClaimedBatch>(
    `with next as (
       select b.id, concat_ws(' ', r.id, extract(epoch from r.created_at), hashtextextended(
         r.definition::text || r.source::text, 0)) as run_identity
       from ${ledger.schema}.batches b
       join ${ledger.schema}.runs r on r.id = b.run_id
       where ${IS_WANTED}
         and ${inScope(1, 4, 6)} and b.run_id <> all($5::bigint[])
         and ${state}
         and ((b.phase = 1 and not r.in_order and not r.whole) or (
           not exists (
             select from ${ledger.schema}.batches earlier
             where earlier.run_id = b.run_id and earlier.number < b.number
               and earlier.status in ('pending', 'processing'))
           and ((b.phase = 1 and not r.whole) or r.planned_at is not null
             or ($7 and r.whole and b.attempts = 0 and ${isPlanned(ledger)}))))
       order by b.run_id, b.number
       limit 1
       for update of b skip locked
     )
     update ${ledger.schema}.batches b
     set status = 'processing', attempts = b.attempts + 1, claimed_at = clock_timestamp(),
       lone_attempts = b.lone_attempts + $3, worker = $2
     from next where b.id = next.id
     returning b.*, next.run_identity`,
    [run, worker, kind === "rescued" ? 1 : 0, host, except, buckets, withPlanner],
  );
  return batch ?? null;
}

/** SQL: is somebody planning the run `r`? Between two steps of the plan, nobody seems to, for a moment. */
export function isPlanned(ledger: Ledger): string {
  return `exists (select from pg_locks l where ${isHeld(ledger.lockKey("plan", "r.id"))})`;
}

/** True unless the batch belongs to a dry run's sequence that another worker than `$2` is doing. */
function mayGoOn(ledger: Ledger): string {
  return `(not r.dry_run or coalesce((
    select before.worker = $2 or ${isPast("before.completed_at", REHEARSAL_GRACE)}
    from ${ledger.schema}.batches before
    where before.run_id = b.run_id and before.number < b.number and before.worker is not null
      and (before.phase > 1 or r.in_order)
    order by before.number desc limit 1), true))`;
}

/** The runs with a batch whose holder died. Cheap enough to check several times a second. */
export async function listAbandonedRuns(ledger: Ledger, scope: WorkScope): Promise<number[]> {
  const found = await ledger.query<{ run: number }>(
    `select distinct b.run_id as run
     from ${ledger.schema}.batches b
     join ${ledger.schema}.runs r on r.id = b.run_id
     where ${IS_WANTED}
       and ${inScope(1, 2, 3)}
       -- As claimBatch: until all is planned, the next try waits.
       and (not r.whole or r.planned_at is not null)
       and ${abandonedBatch(ledger)}
     order by run`,
    scopeParameters(scope),
  );
  return found.map(({ run }) => run);
}

/**
 * SQL: is the time longer ago than the grace? Clocks are set back, and a standby has another: a time
 * in the future was long ago. The lock is the truth; the grace only lets a worker take it.
 */
function isPast(time: string, grace: string): string {
  return `${time} not between clock_timestamp() - ${grace} and clock_timestamp()`;
}

/** The batch was claimed or tried before, its grace is over, and nobody holds its lock. */
function abandonedBatch(ledger: Ledger): string {
  return `b.attempts > 0 and ${isPast("b.claimed_at", CLAIM_GRACE)}
    and not exists (
      select from pg_locks l
      where ${isHeld(ledger.lockKey("batch", "b.id"))})`;
}
