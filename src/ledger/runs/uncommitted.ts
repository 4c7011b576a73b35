/**
 * `whole_tries` and `run_uncommitted`: how far a transaction is that loads all of a run. What it has
 * loaded is no outcome before it is committed, so it never counts in `run_progress`.
 */
import type { Batch, BatchCounts } from "../batches/batches.ts";
import type { Ledger } from "../ledger.ts";

export const WHOLE_STEPS = [
  "loading all rows",
  "trying all rows",
  "looking for all failed rows",
] as const;

/** What a transaction that loads all of a run does. */
export type WholeStep = typeof WHOLE_STEPS[number];

/** Why rows failed. */
export interface FailedSoFar {
  readonly message: string;
  /** Of the table; null if the whole row is meant. */
  readonly column: string | null;
  readonly rows: number;
}

export interface Uncommitted
  extends Pick<BatchCounts, "created" | "updated" | "skipped" | "failed"> {
  readonly doing: WholeStep;
  readonly processed: number;
  readonly rows_per_second: number | null;
  /** The most frequent ones first. */
  readonly failures: readonly FailedSoFar[];
}

/** The claim of a run's first batch, for which a transaction loads all. */
export interface Claim {
  readonly run: number;
  readonly claimed: string;
}

/**
 * A transaction is about to begin. For the run's timeline, too: what happens in the transaction is seen
 * only when it is committed. Null: another worker has claimed the batch meanwhile.
 */
export async function beginTry(
  ledger: Ledger,
  { id, attempts }: Batch,
  step: WholeStep,
): Promise<Claim | null> {
  const { schema } = ledger;
  const [begun] = await ledger.query<Claim>(
    `with batch as (
       select run_id, id, claimed_at from ${schema}.batches
       where id = $1 and attempts = $2 and status = 'processing'
     ), event as (
       insert into ${schema}.run_events (run_id, type) select run_id, $3 from batch
     )
     insert into ${schema}.whole_tries (run_id, batch_id, claimed_at, doing)
     select run_id, id, claimed_at, $3 from batch
     on conflict (run_id) do update set batch_id = excluded.batch_id,
       claimed_at = excluded.claimed_at, doing = excluded.doing, xid = null
     returning run_id as run, extract(epoch from claimed_at)::text as claimed`,
    [id, attempts, step],
  );
  return begun ?? null;
}

/** The number of the open transaction. */
export async function currentTransaction(ledger: Ledger): Promise<string> {
  const [{ xid }] = await ledger.query<{ xid: string }>("select pg_current_xact_id()::text as xid");
  return xid;
}

/**
 * Says how far the transaction `xid` is, over another session, and looks whether its run was cancelled
 * or has failed. One statement, so that no lock of it stays if this process freezes.
 */
export async function noteProgress(
  ledger: Ledger,
  { run, claimed }: Claim,
  xid: string,
  { created, updated, skipped, failed, rows_per_second, failures }: Omit<
    Uncommitted,
    "doing" | "processed"
  >,
): Promise<{ readonly stopped: boolean }> {
  const [found] = await ledger.query<{ stopped: boolean }>(
    `with noted as (
       update ${ledger.schema}.whole_tries
       set xid = $3::text::xid8, created = $4, updated = $5, skipped = $6, failed = $7,
         rows_per_second = $8, failures = $9::text::jsonb
       where run_id = $1 and extract(epoch from claimed_at)::text = $2
     )
     select status <> 'processing' or error is not null as stopped
     from ${ledger.schema}.runs where id = $1`,
    [
      ...[run, claimed, xid, created, updated, skipped, failed],
      ...[rows_per_second, JSON.stringify(failures)],
    ],
  );
  return found ?? { stopped: true };
}

/** SQL: an `Uncommitted`; null if no transaction is loading all of the run. */
export function uncommittedOf({ schema }: Ledger, run: string): string {
  return `(select to_jsonb(u) - 'run_id' from ${schema}.run_uncommitted u where u.run_id = ${run})`;
}
