/** Machines that leave a run to others, because they lack something that it needs. */
import type { Ledger } from "../ledger.ts";

/** The type of the event, whose details are a `Leaving`. */
const LEFT = "left";

/** Why a machine leaves a run to others. */
export interface Leaving {
  readonly host: string;
  /** One sentence, or more, for people. */
  readonly because: string;
}

/** Says so in the run's events, unless they do. */
export async function noteLeft(ledger: Ledger, run: number, leaving: Leaving): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, details)
     select r.id, '${LEFT}', $2::jsonb from ${ledger.schema}.runs r
     where r.id = $1 and not exists (
       select from ${ledger.schema}.run_events e
       where e.run_id = r.id and e.details = $2::jsonb and ${isCurrent(ledger)})`,
    [run, JSON.stringify(leaving)],
  );
}

/** SQL: the event `e` says that a machine leaves its run, and it has done no batch of it since. */
function isCurrent({ schema }: Ledger): string {
  return `e.type = '${LEFT}' and not exists (
    select from ${schema}.batches done
    where done.run_id = e.run_id and done.completed_at > e.at
      and starts_with(done.worker, (e.details ->> 'host') || ' '))`;
}

/**
 * SQL: which machines leave the run to others, and why, a line for each; null if somebody is at it, or
 * none does. `health`: a row of `run_health`.
 */
export function leftBy(ledger: Ledger, health: string): string {
  return `case when ${health}.status = 'processing' and ${health}.workers = 0 then (
    select string_agg(told, e'\\n' order by first) from (
      select format('the machine %s leaves the run to others: %s', e.details ->> 'host',
        e.details ->> 'because') as told, min(e.id) as first
      from ${ledger.schema}.run_events e
      where e.run_id = ${health}.run_id and ${isCurrent(ledger)}
      group by 1) leaving) end`;
}
