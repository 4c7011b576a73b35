/** Runs that somebody watches: what has changed, for all of them in one statement. */
import type { Ledger } from "../ledger.ts";
import type { RunHealth } from "../runs/progress.ts";
import type { Run } from "../runs/runs.ts";
import type { RunStatus } from "../runs/statuses.ts";
import { leftBy } from "../runs/left_runs.ts";
import { uncommittedOf } from "../runs/uncommitted.ts";

/** A run got another status. */
export interface StatusChange {
  /** The number of the event in `run_events`: later ones of a run are larger. */
  readonly event: number;
  readonly status: RunStatus;
}

export interface WatchedRun extends RunHealth, Pick<Run, "importer" | "kind"> {
  /** When it was looked at, by the clock of Postgres. */
  readonly at: Date;
  readonly warnings: number;
  /** Failed rows that are not kept. */
  readonly unlogged: number;
  /** The importer of the run that it is queued behind. */
  readonly behind_importer: string | null;
  /** Its last change of status. */
  readonly last_event: number;
  /** Its changes of status since, oldest first; the last ones, if there are many. */
  readonly changes: readonly StatusChange[];
}

/** Which run, and after which event; null: no changes are asked for. */
export type RunToWatch = readonly [run: number, after: number | null];

/** How many changes of status are told afterwards. */
const MOST_CHANGES = 50;

/**
 * SQL: the status that the run `r` got by its event `e`; null if the event is about something else.
 * `resumed` is also written when a run had not ended: then it tells the status that the run has.
 */
const NEW_STATUS = `case e.type
  when 'created' then 'pending' when 'started' then 'processing'
  when 'cancel requested' then 'cancelling' when 'cancelled' then 'cancelled'
  when 'held' then 'held' when 'released' then 'processing'
  when 'failed' then 'failed' when 'completed' then e.details ->> 'status'
  when 'resumed' then coalesce(e.details ->> 'was',
    case when r.started_at is null then 'pending' else 'processing' end) end`;

/** Those of the runs that exist. A run of 1,000 batches takes Postgres 2 ms. */
export function readWatched(
  ledger: Ledger,
  runs: readonly RunToWatch[],
): Promise<WatchedRun[]> {
  const { schema } = ledger;
  return ledger.query<WatchedRun>(
    `select h.*, ${uncommittedOf(ledger, "h.run_id")} as uncommitted, ${
      leftBy(ledger, "h")
    } as left_by, r.importer, r.kind, clock_timestamp() as at,
       jsonb_array_length(r.warnings) as warnings,
       case
         when h.failed > (r.definition #>> '{options,max_failed_rows_logged}')::bigint then (
           select coalesce(sum(unlogged), 0)::bigint from ${schema}.batches where run_id = r.id)
         else 0
       end as unlogged,
       (select importer from ${schema}.runs where id = h.queued_behind) as behind_importer,
       coalesce(told.last, 0) as last_event, told.changes
     from (select * from ${schema}.run_health where run_id = any($1::bigint[])) h
     join ${schema}.runs r on r.id = h.run_id
     join unnest($1::bigint[], $2::bigint[]) as w (run, after) on w.run = r.id
     cross join lateral (
       select max(event) as last,
         coalesce(jsonb_agg(jsonb_build_object('event', event, 'status', status) order by event)
           filter (where event > w.after), '[]') as changes
       from (
         select e.id as event, ${NEW_STATUS} as status
         from ${schema}.run_events e where e.run_id = r.id and ${NEW_STATUS} is not null
         order by e.id desc limit ${MOST_CHANGES}
       ) events
     ) told`,
    [runs.map(([run]) => run), runs.map(([, after]) => after)],
  );
}

/** The run's last change of status; null if there is no such run. */
export async function lastChange(ledger: Ledger, run: number): Promise<StatusChange | null> {
  const [found] = await ledger.query<StatusChange>(
    `select r.status, coalesce((
       select max(e.id) from ${ledger.schema}.run_events e
       where e.run_id = r.id and ${NEW_STATUS} is not null), 0) as event
     from ${ledger.schema}.runs r where r.id = $1`,
    [run],
  );
  return found ?? null;
}
