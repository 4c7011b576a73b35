/**
 * Ends a run, or opens its next phase, when none of its batches is being loaded. Called by workers
 * when nothing is left to claim, by the planner in each round, and by `cancel`. The last caller
 * settles the run.
 */
import { type BatchSize, openNextPhase } from "../batches/next_phase.ts";
import { type MaxErrors, tooManyErrors } from "../batches/max_errors.ts";
import { type Ledger, LET_GO_OF_THE_DEAD } from "../ledger.ts";
import type { FilledSequence } from "../../load/catalog/sequences.ts";
import { type Ending, type EndNote, takenRows, unloggedRows } from "./end_notes.ts";
import { BROKEN_SOURCE, type RunFailure } from "./runs.ts";
import type { RunStatus, TerminalStatus } from "./statuses.ts";

/** The input of `decide`: a run without work in progress at this moment. */
export interface SettleView {
  readonly status: RunStatus;
  readonly failing: boolean;
  readonly planned: boolean;
  readonly open_batches: number;
  readonly failed_batches: number;
  readonly failed_rows: number;
  /** Rows with an outcome. */
  readonly processed_rows: number;
  readonly max_errors: MaxErrors;
  /** One transaction loads all of it, or nothing: no row may fail. */
  readonly whole: boolean;
  readonly dry_run: boolean;
  /** Deferred rows that have no batch yet. */
  readonly waiting_rows: number;
  /** Why its source is not all of its file; null if it is. */
  readonly broken: string | null;
}

/** Whether the run has no work in progress, and if so, where it stands. */
interface Look extends SettleView, Ending {
  readonly alone: boolean;
}

/** Looks for sequences that stand behind the rows of a run that ends. */
export type CheckSequences = (
  ledger: Ledger,
  filled: readonly FilledSequence[],
  advance: boolean,
) => Promise<readonly EndNote[]>;

export type SettleAction =
  | { readonly do: "nothing" }
  | { readonly do: "next_phase" }
  | {
    readonly do: "end";
    readonly from: "processing" | "cancelling";
    readonly to: TerminalStatus;
    /** Why it fails, if no reason is recorded yet. */
    readonly error?: RunFailure;
  };

export function decide(run: SettleView): SettleAction {
  if (run.status === "cancelling") return { do: "end", from: "cancelling", to: "cancelled" };
  if (run.status !== "processing") return { do: "nothing" };
  if (run.failing) return { do: "end", from: "processing", to: "failed" };
  if (!run.planned || run.open_batches > 0 || run.failed_batches > 0) return { do: "nothing" };
  if (run.whole && run.failed_rows > 0) {
    return { do: "end", from: "processing", to: "failed", error: rowsFailed(run) };
  }
  // The worker that committed the last failed rows may not have reported them, or too late.
  const counts = { processed: run.processed_rows, failed: run.failed_rows };
  const error = tooManyErrors(run.max_errors, counts);
  if (error !== null) return { do: "end", from: "processing", to: "failed", error };
  if (run.waiting_rows > 0) return { do: "next_phase" };
  if (run.broken !== null) {
    const error = { code: BROKEN_SOURCE, message: run.broken };
    return { do: "end", from: "processing", to: "failed", error };
  }
  return {
    do: "end",
    from: "processing",
    to: run.failed_rows > 0 ? "completed_with_errors" : "completed",
  };
}

/** A run that one transaction loads has ended with failed rows, so it has loaded nothing. */
export const ROWS_FAILED = "rows_failed";

function rowsFailed({ failed_rows: failed, dry_run }: SettleView): RunFailure {
  const rows = failed === 1 ? "1 row" : `${failed.toLocaleString("en-US")} rows`;
  const what = dry_run ? "would fail, so none would be loaded" : "failed, so none was loaded";
  return {
    code: ROWS_FAILED,
    message:
      `${rows} ${what}: it is all rows or none (options.transaction: run). Correct the failed ` +
      "rows, and retry it with all of them; or import the corrected file.",
  };
}

/**
 * Settles the run if it has no work in progress. Only tries the exclusive lock: a worker that holds
 * it shared is still at work, and settles the run when it is done.
 */
export async function settle(
  ledger: Ledger,
  runId: number,
  batchSize: BatchSize,
  checkSequences: CheckSequences = () => Promise.resolve([]),
): Promise<SettleAction> {
  return await ledger.transaction<SettleAction, Look>(
    ([view]) => act(ledger, runId, view, batchSize, checkSequences),
    lookAt(ledger, runId),
  );
}

/** The same within the open transaction, which is the one that has the run's work in progress. */
export async function settleWithin(
  ledger: Ledger,
  runId: number,
  batchSize: BatchSize,
  checkSequences: CheckSequences,
): Promise<SettleAction> {
  const [view] = await ledger.query<Look>(lookAt(ledger, runId));
  return await act(ledger, runId, view, batchSize, checkSequences);
}

async function act(
  ledger: Ledger,
  runId: number,
  view: Look | undefined,
  batchSize: BatchSize,
  checkSequences: CheckSequences,
): Promise<SettleAction> {
  if (!view?.alone) return { do: "nothing" };
  const action = decide(view);
  if (action.do === "next_phase") await openNextPhase(ledger, runId, batchSize);
  if (action.do === "end") {
    const notes = [
      takenRows(view),
      unloggedRows(view),
      ...await sequenceNotes(ledger, view, checkSequences),
    ];
    if (!await end(ledger, runId, action, notes)) return { do: "nothing" };
  }
  return action;
}

/**
 * SQL: tries to take the run's lock, and then, in a statement of its own, which sees what was committed
 * by then, looks at the run.
 */
function lookAt(ledger: Ledger, runId: number): string {
  const { schema } = ledger;
  return `${LET_GO_OF_THE_DEAD}
    select set_config('ingest.alone',
      pg_try_advisory_xact_lock(${ledger.lockKey("run", String(runId))})::text, true);
    select current_setting('ingest.alone')::boolean as alone,
      r.status, r.whole and not r.sets_aside as whole, r.error is not null as failing, r.planned_at is not null as planned,
      count(*) filter (where b.status in ('pending', 'processing')) as open_batches,
      count(*) filter (where b.status = 'failed') as failed_batches,
      coalesce(sum(b.failed), 0)::bigint as failed_rows,
      coalesce(sum(b.created + b.updated + b.skipped + b.failed), 0)::bigint as processed_rows,
      coalesce(sum(b.taken), 0)::bigint as taken_rows,
      coalesce(sum(b.unlogged), 0)::bigint as unlogged_rows, r.definition ->> 'table' as table_name,
      coalesce(sum(b.created), 0)::bigint as created_rows, r.dry_run, r.filled_sequences,
      r.definition #>> '{options,sequences}' as sequences,
      r.definition #> '{options,max_errors}' as max_errors,
      case when r.kind = 'import' and r.retried_from_run_id is null
        then r.source ->> 'broken' end as broken,
      (select count(*) from ${schema}.deferred d
       where d.run_id = r.id and d.phase > coalesce(max(b.phase), 1)) as waiting_rows
    from ${schema}.runs r left join ${schema}.batches b on b.run_id = r.id
    where r.id = ${runId} group by r.id`;
}

/**
 * SQL: how long the run `r` took, without the times of more than a second in which nobody worked on
 * a batch of it, because it was paused, queued or stalled. If it fails (`$3`), somebody was at work on the
 * batch that was claimed last and isn't completed; and so if it is cancelled, if its batches are all
 * loaded as one, and who has claimed them has given them back. Such batches wait for the plan, which is
 * work, too.
 */
function secondsAtWork(schema: string): string {
  return `(
    select round(extract(epoch from clock_timestamp() - r.started_at
      - coalesce(sum(gap) filter (where gap > interval '1 second'), interval '0')), 3)
    from (
      select claimed_at - greatest(max(completed_at) over (order by claimed_at
        rows between unbounded preceding and 1 preceding),
        case when r.whole then r.planned_at end, r.started_at) as gap
      from ${schema}.batches where run_id = r.id and claimed_at is not null
      union all
      select clock_timestamp() - greatest(max(completed_at), max(claimed_at), r.started_at)
      from ${schema}.batches where run_id = r.id
      having not (
        ($3 = 'failed' or $3 = 'cancelled' and r.whole and bool_or(claimed_at is not null and worker is null))
        and max(claimed_at) > coalesce(max(completed_at), r.started_at)) is true
    ) gaps)`;
}

/** SQL: how many rows were added to tables in which values are looked up; nothing if none were. */
function addedRows(schema: string): string {
  return `coalesce((
    select jsonb_build_object('added', jsonb_object_agg(name, rows))
    from (select name, sum(rows::bigint) as rows
      from ${schema}.batches b, jsonb_each_text(b.added) a (name, rows)
      where b.run_id = r.id and b.added is not null group by name) t
    having count(*) > 0), '{}')`;
}

/** SQL: what was written to other tables for the rows, by table; nothing if nothing was. */
function relatedRows(schema: string): string {
  return `coalesce((
    select jsonb_build_object('related', jsonb_object_agg(name, counts))
    from (
      select name, jsonb_object_agg(what, rows) as counts
      from (
        select t.name, c.what, sum(c.rows::bigint) as rows
        from ${schema}.batches b, jsonb_each(b.related) t (name, counts),
          jsonb_each_text(t.counts) c (what, rows)
        where b.run_id = r.id and b.related is not null group by t.name, c.what) s
      group by name) t
    having count(*) > 0), '{}')`;
}

/** Writes the terminal status once, on condition that the run still has the status it leaves. */
async function end(
  ledger: Ledger,
  runId: number,
  { from, to, error }: SettleAction & { do: "end" },
  notes: readonly EndNote[],
): Promise<boolean> {
  const ended = await ledger.execute(
    `with run as (
       update ${ledger.schema}.runs r set status = $3, completed_at = clock_timestamp(),
         error = case when $3 = 'failed' then coalesce(r.error, $4::text::jsonb) end,
         warnings = (
           select coalesce(jsonb_agg(w), '[]') from jsonb_array_elements(warnings) w
           where not exists (select from unnest($6::text[]) b where starts_with(w #>> '{}', b))
         ) || to_jsonb($5::text[]),
         summary = (select jsonb_build_object('processed', processed, 'created', created,
           'updated', updated, 'skipped', skipped, 'failed', failed,
           'untried',
             case $4::text::jsonb ->> 'code' when '${ROWS_FAILED}' then 0 else total - processed end,
           'seconds', ${secondsAtWork(ledger.schema)})
           || case r.kind when 'undo' then jsonb_build_object('deleted', deleted) else '{}' end
           || ${addedRows(ledger.schema)} || ${relatedRows(ledger.schema)}
           || case $3 when 'failed' then '{}' else coalesce(r.absent - 'in_scope', '{}') end
           from ${ledger.schema}.run_progress where run_id = r.id)
       where id = $1 and status = $2 
       returning id, status, error, summary
     )
     insert into ${ledger.schema}.run_events (run_id, type, details)
     select id, case $3 when 'failed' then 'failed' when 'cancelled' then 'cancelled' else 'completed' end,
       coalesce(error, jsonb_build_object('status', status) || summary) from run`,
    [
      runId,
      from,
      to,
      error === undefined ? null : JSON.stringify(error),
      notes.map(({ text }) => text).filter((text) => text !== null),
      notes.map(({ begins }) => begins),
    ],
  );
  return ended === 1;
}

async function sequenceNotes(
  ledger: Ledger,
  { filled_sequences: filled, sequences, created_rows, dry_run }: Look,
  check: CheckSequences,
): Promise<readonly EndNote[]> {
  if (filled === null || created_rows === 0 || dry_run) return [];
  return await check(ledger, filled, sequences === "advance");
}
