/** `runs`: what was asked for, and where it stands. */
import type { Definition } from "../importer/definition.ts";
import type { ResolvedSource } from "../source/open.ts";
import type { Ledger } from "./ledger.ts";

export type RunStatus =
  | "pending"
  | "processing"
  | "cancelling"
  | "completed"
  | "completed_with_errors"
  | "failed"
  | "cancelled";

export const TERMINAL_STATUSES = ["completed", "completed_with_errors", "failed", "cancelled"];

/** Fit to be shown to the person who started the run. */
export interface RunFailure {
  readonly code: string;
  readonly message: string;
}

export interface Run {
  readonly id: number;
  readonly parent_id: number | null;
  readonly retried_from_run_id: number | null;
  readonly importer: string;
  readonly definition: Definition;
  readonly user_id: string | null;
  readonly status: RunStatus;
  readonly dry_run: boolean;
  readonly source: ResolvedSource;
  readonly header: readonly string[];
  readonly original_filename: string | null;
  readonly processed_filepath: string | null;
  readonly total_rows: number | null;
  readonly summary: Readonly<Record<string, unknown>> | null;
  readonly error: RunFailure | null;
  readonly warnings: readonly string[];
  readonly in_order: boolean;
  readonly cancel_requested_at: Date | null;
  readonly cancel_requested_by: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly planned_bytes: number;
  readonly planned_rows: number;
  readonly planned_lines: number;
  readonly planned_at: Date | null;
  readonly completed_at: Date | null;
}

export interface NewRun {
  readonly definition: Definition;
  readonly source: ResolvedSource;
  readonly originalFilename: string;
  /** The spooled copy, if the source is one. */
  readonly spooledPath: string | null;
  readonly user: string | null;
}

export async function createRun(ledger: Ledger, run: NewRun): Promise<Run> {
  const [created] = await ledger.query<Run>(
    `with run as (
       insert into ${ledger.schema}.runs
         (importer, definition, source, header, original_filename, processed_filepath, user_id,
          planned_bytes, planned_lines)
       values ($1, $2::text::jsonb, $3::text::jsonb, $4::text[], $5, $6, $7, $8, $9)
       returning *
     ), event as (
       insert into ${ledger.schema}.run_events (run_id, type, actor) select id, 'created', user_id from run
     )
     select * from run`,
    [
      run.definition.slug,
      JSON.stringify(run.definition),
      JSON.stringify(run.source),
      run.source.header,
      run.originalFilename,
      run.spooledPath,
      run.user,
      run.source.data_start,
      run.source.data_line - 1,
    ],
  );
  return created;
}

export async function findRun(ledger: Ledger, id: number): Promise<Run | null> {
  const [run] = await ledger.query<Run>(`select * from ${ledger.schema}.runs where id = $1`, [id]);
  return run ?? null;
}

export async function latestRunId(ledger: Ledger): Promise<number | null> {
  const [row] = await ledger.query<{ id: number | null }>(
    `select max(id) as id from ${ledger.schema}.runs`,
  );
  return row.id;
}

export interface RunFilter {
  readonly status: string | null;
  readonly importer: string | null;
  readonly limit: number;
}

/** Latest first. */
export function listRunIds(ledger: Ledger, filter: RunFilter): Promise<{ id: number }[]> {
  return ledger.query(
    `select id from ${ledger.schema}.runs
     where ($1::text is null or status = $1) and ($2::text is null or importer = $2)
     order by id desc limit $3`,
    [filter.status, filter.importer, filter.limit],
  );
}

/** Runs that want work: the given one, or all. */
export function listOpenRuns(ledger: Ledger, only: number | null): Promise<Run[]> {
  return ledger.query<Run>(
    `select * from ${ledger.schema}.runs
     where status in ('pending', 'processing', 'cancelling') and ($1::bigint is null or id = $1)
     order by id`,
    [only],
  );
}

/** Leaves `pending`; false if the run is no longer pending. */
export async function startRun(ledger: Ledger, id: number): Promise<boolean> {
  const started = await ledger.execute(
    `with run as (
       update ${ledger.schema}.runs set status = 'processing', started_at = clock_timestamp()
       where id = $1 and status = 'pending' returning id
     )
     insert into ${ledger.schema}.run_events (run_id, type) select id, 'started' from run`,
    [id],
  );
  return started === 1;
}

/**
 * Asks for the end of a run. From here on no batch begins; when the last one in work has ended,
 * the run says `cancelled`. Asking again changes nothing. False if there is nothing to cancel:
 * the run has ended.
 */
export async function requestCancel(
  ledger: Ledger,
  id: number,
  by: string | null,
): Promise<boolean> {
  const [row] = await ledger.query<{ cancelling: boolean }>(
    `with run as (
       update ${ledger.schema}.runs
       set status = 'cancelling', cancel_requested_at = clock_timestamp(), cancel_requested_by = $2
       where id = $1 and status in ('pending', 'processing') returning id
     ), event as (
       insert into ${ledger.schema}.run_events (run_id, type, actor)
       select id, 'cancel requested', $2 from run
     )
     select exists (select from run)
       or exists (select from ${ledger.schema}.runs where id = $1 and status = 'cancelling')
       as cancelling`,
    [id, by],
  );
  return row.cancelling;
}

/**
 * Makes a run fail: nothing more is taken up, and when the last batch in work has ended it says
 * `failed`. The first reason stands. Does nothing to a run that is not being processed.
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

/** Batches must be taken one at a time, in the file's order. */
export async function setInOrder(ledger: Ledger, id: number): Promise<void> {
  await ledger.execute(`update ${ledger.schema}.runs set in_order = true where id = $1`, [id]);
}

/**
 * A person takes up a run whose process died: what counted towards giving its batches up is
 * forgotten. (`reopenRun` does the same for a run that had ended.)
 */
export async function forgiveAttempts(ledger: Ledger, id: number): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.batches set lone_attempts = 0
     where run_id = $1 and lone_attempts > 0 and status in ('pending', 'processing')`,
    [id],
  );
}

/**
 * Takes a run out of `cancelled` or `failed`. What a person asks for gets all its attempts back.
 * False if the run is in neither state.
 */
export async function reopenRun(
  ledger: Ledger,
  id: number,
  by: string | null,
  maxErrors: Definition["options"]["max_errors"] | undefined,
): Promise<boolean> {
  return await ledger.transaction(async () => {
    const reopened = await ledger.execute(
      `update ${ledger.schema}.runs set
         status = case when started_at is null then 'pending' else 'processing' end,
         error = null, summary = null, completed_at = null,
         cancel_requested_at = null, cancel_requested_by = null,
         definition = case when $2::text is null then definition
           else jsonb_set(definition, '{options,max_errors}', $2::text::jsonb) end
       where id = $1 and status in ('cancelled', 'failed')`,
      [id, maxErrors === undefined ? null : JSON.stringify(maxErrors)],
    );
    if (reopened === 0) return false;
    await ledger.execute(
      `update ${ledger.schema}.batches set lone_attempts = 0, error = null,
         status = case status when 'failed' then 'pending' else status end
       where run_id = $1 and status <> 'completed'`,
      [id],
    );
    await ledger.execute(
      `insert into ${ledger.schema}.run_events (run_id, type, actor) values ($1, 'resumed', $2)`,
      [id, by],
    );
    return true;
  });
}
