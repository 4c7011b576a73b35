/** The batches of a run at a glance, and its pace: what pages draw. */
import type { Ledger } from "../ledger.ts";

/** Batches that follow each other. One, if there are few. */
export interface StripCell {
  readonly first: number;
  readonly last: number;
  readonly first_row: number;
  readonly last_row: number;
  readonly batches: number;
  readonly waiting: number;
  readonly working: number;
  readonly given_up: number;
  /** Tried, and not loaded, because others have failed. */
  readonly rolled_back: number;
  readonly failed_rows: number;
  /** Of those in work. */
  readonly workers: readonly string[];
}

/** In their order, in at most `most` cells. */
export async function batchStrip(
  ledger: Ledger,
  runId: number,
  most: number,
): Promise<readonly StripCell[]> {
  return await ledger.query<StripCell>(
    `with own as (
       select *, (row_number() over (order by number) - 1) * least(1, $2::float8 / count(*) over ())
         as place
       from ${ledger.schema}.batches where run_id = $1
     )
     select min(number) as first, max(number) as last, min(first_row)::bigint as first_row,
       max(last_row)::bigint as last_row, count(*)::int as batches,
       count(*) filter (where status = 'pending')::int as waiting,
       count(*) filter (where status = 'processing')::int as working,
       count(*) filter (where status = 'failed')::int as given_up,
       count(*) filter (where status = 'rolled_back')::int as rolled_back,
       sum(failed)::bigint as failed_rows,
       coalesce(array_agg(distinct worker) filter (where status = 'processing'), '{}') as workers
     from own group by floor(place) order by 1`,
    [runId, most],
  );
}

/** What was done in a stretch of time. */
export interface PaceStep {
  /** Seconds since the first batch began. */
  readonly from: number;
  readonly seconds: number;
  readonly rows: number;
  readonly failed: number;
}

/**
 * In `steps` stretches of the same length, from the first batch's begin to the last one's end. The rows
 * of a batch are spread evenly over the time that it took. Empty before the first batch is done.
 */
export async function paceOf(
  ledger: Ledger,
  runId: number,
  steps: number,
): Promise<readonly PaceStep[]> {
  return await ledger.query<PaceStep>(
    `with done as (
       select extract(epoch from started_at)::float8 as began,
         extract(epoch from completed_at)::float8 as ended, row_count as rows, failed
       from ${ledger.schema}.batches
       where run_id = $1 and status = 'completed' and row_count > 0
         and completed_at > started_at
     ), span as (
       select min(began) as began, (max(ended) - min(began)) / $2 as seconds from done
     ), steps as (
       select span.began + n * seconds as low, span.began + (n + 1) * seconds as high, n, seconds,
         span.began as zero
       from span, generate_series(0, $2::int - 1) n where seconds > 0
     )
     select s.low - s.zero as from, s.seconds,
       coalesce(sum(d.rows * share), 0) as rows, coalesce(sum(d.failed * share), 0) as failed
     from steps s
     left join lateral (
       select rows, failed, (least(ended, s.high) - greatest(began, s.low)) / (ended - began) as share
       from done where began < s.high and ended > s.low
     ) d on true
     group by s.n, s.low, s.zero, s.seconds order by s.n`,
    [runId, steps],
  );
}
