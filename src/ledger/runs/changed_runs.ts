/** Which runs have changed, for those who watch the list of them. */
import type { Ledger } from "../ledger.ts";
import { ACTIVE_STATUSES_SQL } from "./statuses.ts";

/** A run, and those whose reports speak of it: the one that it retries, or takes back. */
export interface RunAndKin {
  readonly id: number;
  readonly parent_id: number | null;
  readonly undoes_run_id: number | null;
}

export interface HappenedRun extends RunAndKin {
  readonly event: number;
}

/** The runs of the events after this one, a run several times. */
export function happenedSince(
  ledger: Ledger,
  after: number,
  limit: number,
): Promise<HappenedRun[]> {
  return ledger.query<HappenedRun>(
    `select e.id as event, r.id, r.parent_id, r.undoes_run_id
     from ${ledger.schema}.run_events e join ${ledger.schema}.runs r on r.id = e.run_id
     where e.id > $1 order by e.id limit $2`,
    [after, limit],
  );
}

export interface OpenRun extends RunAndKin {
  /** Differs when something about the run does that a list shows. */
  readonly mark: string;
}

/** The latest of the runs that have not ended. */
export function markOpenRuns(ledger: Ledger, limit: number): Promise<OpenRun[]> {
  const { schema } = ledger;
  return ledger.query<OpenRun>(
    `select r.id, r.parent_id, r.undoes_run_id,
       jsonb_build_array(h.status, h.total, h.processed, h.failed, h.stalled, h.queued_behind,
         round(h.rows_per_second), jsonb_array_length(r.warnings),
         (select jsonb_build_array(u.doing, u.processed, u.failed)
          from ${schema}.run_uncommitted u where u.run_id = h.run_id))::text as mark
     from (
       select * from ${schema}.run_health where run_id = any (array(
         select id from ${schema}.runs where status in (${ACTIVE_STATUSES_SQL})
         order by id desc limit $1))
     ) h join ${schema}.runs r on r.id = h.run_id`,
    [limit],
  );
}

/** The latest runs: one of them that is missing later was deleted. */
export async function latestIds(ledger: Ledger, limit: number): Promise<number[]> {
  const found = await ledger.query<{ id: number }>(
    `select id from ${ledger.schema}.runs order by id desc limit $1`,
    [limit],
  );
  return found.map(({ id }) => id);
}
