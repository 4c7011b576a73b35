/** `runs`: changes from one status to the next. Each change names the status that it leaves. */
import type { Definition } from "../../importer/definition.ts";
import { forgetTry } from "../edits/forget_try.ts";
import type { Ledger } from "../ledger.ts";
import { notification, notifyWork } from "../notify.ts";
import { TABLE_CHANGED } from "./run_tables.ts";
import type { RunFailure } from "./runs.ts";
import type { RunStatus } from "./statuses.ts";
import type { FilledSequence } from "../../load/catalog/sequences.ts";

/**
 * Leaves `pending`; false if the run is no longer pending. Doesn't wait for the disk: after a crash,
 * what comes later is lost as well.
 */
export async function startRun(ledger: Ledger, id: number): Promise<boolean> {
  const started = await ledger.execute(
    `with run as (
       update ${ledger.schema}.runs set status = 'processing', started_at = clock_timestamp()
       where id = $1 and status = 'pending' returning id
     ), soon as (select set_config('synchronous_commit', 'off', true))
     insert into ${ledger.schema}.run_events (run_id, type) select id, 'started' from run, soon`,
    [id],
  );
  return started === 1;
}

/** How somebody asked for a cancel: for the run's events. */
export interface CancelWay {
  /** `retry`: a new retry takes the place of this one, which had stalled. */
  /** `page`: a button on one of the server's own pages. */
  readonly via: "command" | "api" | "page" | "signal" | "retry";
  readonly signal?: string;
  /** The batches in progress are to be rolled back. */
  readonly now?: true;
}

/**
 * Asks a run to end. From here on no batch begins. When the last batch in progress has ended, the run
 * becomes `cancelled`. A held run has none. Asking again changes nothing. False if there is nothing to cancel: the run
 * has ended.
 */
export async function requestCancel(
  ledger: Ledger,
  id: number,
  by: string | null,
  way: CancelWay | null = null,
): Promise<boolean> {
  const requested = await ledger.execute(
    `with run as (
       update ${ledger.schema}.runs
       set status = 'cancelling', cancel_requested_at = clock_timestamp(), cancel_requested_by = $2
       where id = $1 and status in ('pending', 'processing', 'held') returning id
     )
     insert into ${ledger.schema}.run_events (run_id, type, actor, details)
     select id, 'cancel requested', $2, $3::text::jsonb from run, ${notification(ledger)}`,
    [id, by, way && JSON.stringify(way)],
  );
  if (requested === 1) return true;
  // In a separate statement: if another request came first, the statement above has waited for it,
  // but doesn't see its change.
  const [run] = await ledger.query<{ status: RunStatus }>(
    `select status from ${ledger.schema}.runs where id = $1`,
    [id],
  );
  return run?.status === "cancelling";
}

/** Somebody doesn't want to wait for a cancel that was requested before. */
export async function recordCancelNow(
  ledger: Ledger,
  id: number,
  by: string | null,
  way: CancelWay,
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, actor, details)
     select id, 'cancel now requested', $2, $3::text::jsonb from ${ledger.schema}.runs
     where id = $1 and status = 'cancelling'`,
    [id, by, JSON.stringify(way)],
  );
}

/**
 * Makes a run fail: no batch begins any more, and when the last one in progress has ended, the run
 * becomes `failed`. The first reason stands. Does nothing to a run that is not pending or
 * processing.
 */
export async function requestFailure(
  ledger: Ledger,
  id: number,
  failure: RunFailure,
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs set error = $2::text::jsonb,
       started_at = coalesce(started_at, clock_timestamp()), status = 'processing'
     where id = $1 and status in ('pending', 'processing') and error is null`,
    [id, JSON.stringify(failure)],
  );
}

export async function addWarnings(
  ledger: Ledger,
  id: number,
  warnings: readonly string[],
): Promise<void> {
  if (warnings.length === 0) return;
  await ledger.execute(
    `update ${ledger.schema}.runs set warnings = (
       select coalesce(jsonb_agg(distinct w), '[]') from (
         select jsonb_array_elements(warnings) union select to_jsonb(unnest($2::text[]))
       ) as all_warnings (w))
     where id = $1`,
    [id, warnings],
  );
}

/** Another run of the importer has loaded the same file, and ended at that time. */
export async function setSameFile(
  ledger: Ledger,
  id: number,
  { run, at }: { readonly run: number; readonly at: Date },
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs
     set same_file = jsonb_build_object('run', $2::bigint, 'at', $3::text) where id = $1`,
    [id, run, at.toISOString()],
  );
}

/** Records the keys of the run's first step of planning; later steps change nothing. */
export async function notePlannedKeys(ledger: Ledger, id: number, keys: string): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs set planned_keys = $2 where id = $1 and planned_keys is null`,
    [id, keys],
  );
}

export async function setFilledSequences(
  ledger: Ledger,
  id: number,
  filled: readonly FilledSequence[],
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs set filled_sequences = $2::text::jsonb where id = $1`,
    [id, JSON.stringify(filled)],
  );
}

/** From now on the run's batches are loaded one at a time, in file order. */
export async function setInOrder(ledger: Ledger, id: number): Promise<void> {
  await ledger.execute(`update ${ledger.schema}.runs set in_order = true where id = $1`, [id]);
}

/**
 * When a user resumes a run whose process died, the attempts that counted towards giving up its
 * batches are forgotten. (`reopenRun` does the same for a run that has ended.)
 */
export async function forgiveAttempts(
  ledger: Ledger,
  id: number,
  by: string | null,
): Promise<void> {
  await ledger.execute(
    `with forgiven as (
       update ${ledger.schema}.batches set lone_attempts = 0
       where run_id = $1 and lone_attempts > 0 and status in ('pending', 'processing')
     )
     insert into ${ledger.schema}.run_events (run_id, type, actor, details)
     select id, 'resumed', $2, jsonb_build_object('was', status) from ${ledger.schema}.runs
     where id = $1`,
    [id, by],
  );
}

/**
 * Takes a run out of `cancelled` or `failed`. Its batches get all their attempts back, because a
 * user asked for it. A column that the table has lost is no longer missed. `definition` replaces the run's, unless null. False if the run has neither
 * status. `check`, at the beginning of the transaction, throws if the run must not be reopened;
 * `alongside` is called at its end, if the run is.
 */
export async function reopenRun(
  ledger: Ledger,
  id: number,
  by: string | null,
  definition: Definition | null,
  { check, alongside }: {
    readonly check?: () => Promise<void>;
    readonly alongside?: () => Promise<void>;
  } = {},
): Promise<boolean> {
  return await ledger.transaction(async () => {
    await check?.();
    await ledger.execute(
      `update ${ledger.schema}.run_tables t set filled = '{}' from ${ledger.schema}.runs r
       where t.run_id = $1 and r.id = $1 and r.status = 'failed' and r.error ->> 'code' = $2`,
      [id, TABLE_CHANGED],
    );
    const [run] = await ledger.query<{ whole: boolean }>(
      `update ${ledger.schema}.runs set
         status = case when started_at is null then 'pending' else 'processing' end,
         error = null, summary = null, completed_at = null,
         cancel_requested_at = null, cancel_requested_by = null,
         definition = coalesce($2::text::json, definition)
       where id = $1 and status in ('cancelled', 'failed') returning whole`,
      [id, definition && JSON.stringify(definition)],
    );
    if (run === undefined) return false;
    if (run.whole) await forgetTry(ledger, id);
    await ledger.execute(
      `update ${ledger.schema}.batches set lone_attempts = 0, error = null,
         status = case status when 'failed' then 'pending' else status end
       where run_id = $1 and status <> 'completed'`,
      [id],
    );
    await ledger.execute(
      `insert into ${ledger.schema}.run_events (run_id, type, actor, details)
       values ($1, 'resumed', $2, $3::text::jsonb)`,
      // It's the only part of a definition that can be another one.
      [id, by, definition && JSON.stringify({ max_errors: definition.options.max_errors })],
    );
    await notifyWork(ledger);
    await alongside?.();
    return true;
  });
}
