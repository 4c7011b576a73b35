/** `batches`: claims a batch, holds it, and completes it in the transaction that loaded it. */
import type { Ledger } from "./ledger.ts";
import { requestFailure } from "./run_states.ts";
import { inScope, scopeParameters, type WorkScope } from "./scope.ts";

export interface Batch {
  readonly id: number;
  readonly run_id: number;
  readonly number: number;
  readonly phase: number;
  readonly first_row: number;
  readonly last_row: number;
  readonly first_line: number;
  readonly byte_start: number;
  readonly byte_end: number;
  readonly checksum: string | null;
  readonly row_count: number;
  readonly deferred: number;
  readonly attempts: number;
  readonly lone_attempts: number;
}

/** A batch that this worker has claimed. */
export interface ClaimedBatch extends Batch {
  /**
   * Which run it is, and as what it was last resumed. After a restore, another run may have the
   * same number, and a batch of it the same id.
   */
  readonly run_identity: string;
}

/**
 * `fresh`: batches that no worker has tried. `rescued`: batches whose holder died. A batch that was
 * tried before runs in a process of its own, so that a poison batch takes no others down with it.
 */
export type ClaimKind = "fresh" | "rescued";

/** How long a claim may exist without its lock before it counts as abandoned. */
const CLAIM_GRACE = "interval '500 milliseconds'";

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
 * again. `except`: runs to leave alone.
 */
export async function claimBatch(
  ledger: Ledger,
  kind: ClaimKind,
  worker: string,
  scope: WorkScope,
  except: readonly number[] = [],
): Promise<ClaimedBatch | null> {
  const state = kind === "fresh"
    ? `b.status = 'pending' and b.attempts = 0 and ${mayGoOn(ledger)}`
    : abandonedBatch(ledger);
  const [run, host] = scopeParameters(scope);
  const [batch] = await ledger.query<ClaimedBatch>(
    `with next as (
       select b.id, concat_ws(' ', r.id, extract(epoch from r.created_at), hashtextextended(
         r.definition::text || r.source::text, 0)) as run_identity
       from ${ledger.schema}.batches b
       join ${ledger.schema}.runs r on r.id = b.run_id
       where ${IS_WANTED}
         and ${inScope(1, 4)} and b.run_id <> all($5::bigint[])
         and ${state}
         and ((b.phase = 1 and not r.in_order) or (
           not exists (
             select from ${ledger.schema}.batches earlier
             where earlier.run_id = b.run_id and earlier.number < b.number
               and earlier.status in ('pending', 'processing'))
           and (b.phase = 1 or r.planned_at is not null)))
       order by b.run_id, b.number
       limit 1
       for update of b skip locked
     )
     update ${ledger.schema}.batches b
     set status = 'processing', attempts = b.attempts + 1, claimed_at = clock_timestamp(),
       lone_attempts = b.lone_attempts + $3, worker = $2
     from next where b.id = next.id
     returning b.*, next.run_identity`,
    [run, worker, kind === "rescued" ? 1 : 0, host, except],
  );
  return batch ?? null;
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
       and ${inScope(1, 2)}
       and ${abandonedBatch(ledger)}
     order by run`,
    scopeParameters(scope),
  );
  return found.map(({ run }) => run);
}

/** A batch in progress, with the name of its worker. */
export interface Held {
  readonly run: number;
  readonly worker: string;
  /** Its connection waits for a lock in the database. */
  readonly waits: boolean;
}

/** What the workers whose names begin like this are doing. */
export function listHeld(ledger: Ledger, prefix: string): Promise<Held[]> {
  return ledger.query<Held>(
    `with locks as materialized (select * from pg_locks)
     select b.run_id as run, b.worker, exists (
       select from locks l join locks w on w.pid = l.pid and not w.granted
       where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
         and l.database = (select oid from pg_database where datname = current_database())
         and ((l.classid::bigint << 32) | l.objid::bigint) = ${ledger.lockKey("batch", "b.id")}
     ) as waits
     from ${ledger.schema}.batches b
     where b.status = 'processing' and starts_with(b.worker, $1)`,
    [prefix],
  );
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
      where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
        and l.database = (select oid from pg_database where datname = current_database())
        and ((l.classid::bigint << 32) | l.objid::bigint) = ${ledger.lockKey("batch", "b.id")})`;
}

/**
 * The first completed batch with rows that comes after number `after` and before the given one.
 * Looks at batches of deferred rows, or, with `all`, at all batches.
 */
export async function findDoneAfter(
  ledger: Ledger,
  batch: Batch,
  after: number,
  all: boolean,
): Promise<Batch | null> {
  const [done] = await ledger.query<Batch>(
    `select * from ${ledger.schema}.batches
     where run_id = $1 and number > $2 and number < $3 and (phase > 1 or $4)
       and status = 'completed' and row_count > 0
     order by number limit 1`,
    [batch.run_id, after, batch.number, all],
  );
  return done ?? null;
}

export interface BatchCounts {
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  /** Of the skipped rows: those that a trigger took. */
  readonly taken: number;
  readonly failed: number;
  /** Rows that this batch has deferred: they no longer belong to it. */
  readonly deferred: number;
}

/**
 * Another worker has claimed the batch: if it looked for the lock just before we took it, it can
 * claim the batch just after. It gets the batch as soon as we release the lock.
 */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

/**
 * The last statement of the batch's transaction. Throws ClaimLost if the claim no longer stands:
 * then the transaction must not be committed.
 */
export async function completeBatch(
  ledger: Ledger,
  batch: Batch,
  counts: BatchCounts,
  startedAt: Date,
): Promise<void> {
  const completed = await ledger.execute(
    `update ${ledger.schema}.batches
     set status = 'completed', completed_at = clock_timestamp(), started_at = $8,
       created = $3, updated = $4, skipped = $5, failed = $6,
       deferred = deferred + $7, row_count = row_count - $7, taken = $9
     where id = $1 and status = 'processing' and attempts = $2`,
    [
      batch.id,
      batch.attempts,
      counts.created,
      counts.updated,
      counts.skipped,
      counts.failed,
      counts.deferred,
      startedAt,
      counts.taken,
    ],
  );
  if (completed !== 1) {
    throw new ClaimLost(
      `Cannot complete batch ${batch.number} of run ${batch.run_id}: another worker has it`,
    );
  }
}

/**
 * Gives back a claimed batch untried: the process survived, so the attempt doesn't count. Does
 * nothing if another worker has claimed it meanwhile.
 */
export async function releaseBatch(ledger: Ledger, batch: Batch): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.batches
     set status = 'pending', attempts = attempts - 1, worker = null,
       lone_attempts = greatest(lone_attempts - 1, 0)
     where id = $1 and status = 'processing' and attempts = $2`,
    [batch.id, batch.attempts],
  );
}

/** A batch that ended its process this many times while alone in it is not tried again. */
export const MAX_LONE_ATTEMPTS = 3;

/**
 * Marks a batch that kills every process that loads it, and makes its run fail, in one transaction:
 * a run with such a batch must not continue. False if another worker holds it after all.
 */
export async function giveUpBatch(ledger: Ledger, batch: Batch): Promise<boolean> {
  return await ledger.transaction(async () => {
    const given = await ledger.execute(
      `with batch as (
         update ${ledger.schema}.batches set status = 'failed',
           error = jsonb_build_object('code', 'given_up', 'attempts', attempts)
         where id = $1 and status = 'processing' and attempts = $2 returning run_id, number
       )
       insert into ${ledger.schema}.run_events (run_id, type, details)
       select run_id, 'batch given up', jsonb_build_object('batch', number) from batch`,
      [batch.id, batch.attempts],
    );
    if (given === 0) return false;
    await requestFailure(ledger, batch.run_id, {
      code: "batch_given_up",
      message: `Rows ${batch.first_row} to ${batch.last_row} crashed the program each of the ` +
        `${MAX_LONE_ATTEMPTS} times that they were tried alone.`,
    });
    return true;
  });
}

export async function recordRescue(ledger: Ledger, batch: Batch): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, details)
     values ($1, 'batch rescued', jsonb_build_object('batch', $2::int, 'attempt', $3::int))`,
    [batch.run_id, batch.number, batch.attempts],
  );
}
