/** `run_progress` and `run_health`: a run's counts and its signs of life, summed by Postgres. */
import type { Ledger } from "./ledger.ts";
import type { RunStatus } from "./runs.ts";

export interface RunProgress {
  readonly run_id: number;
  readonly status: RunStatus;
  /** Null until planning has counted. */
  readonly total: number | null;
  readonly processed: number;
  readonly successful: number;
  readonly failed: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  /** Rows that wait for a later phase. */
  readonly deferred: number;
  readonly open_batches: number;
  readonly batches: number;
  readonly rows_per_second: number | null;
}

export interface RunHealth extends RunProgress {
  /** Batches in work at this moment. */
  readonly workers: number;
  /** Wants work, and nobody is at it. */
  readonly stalled: boolean;
  /** One of them has said nothing for long, in the middle of its transaction. */
  readonly stuck: boolean;
  /** In words, a line for each reason: which batches wait for what, and who has it. */
  readonly waiting_on: string | null;
}

export async function readProgress(ledger: Ledger, runId: number): Promise<RunProgress> {
  const [row] = await ledger.query<RunProgress>(
    `select * from ${ledger.schema}.run_progress where run_id = $1`,
    [runId],
  );
  return row;
}

export async function readHealth(ledger: Ledger, runId: number): Promise<RunHealth> {
  const [row] = await ledger.query<RunHealth>(
    `select * from ${ledger.schema}.run_health where run_id = $1`,
    [runId],
  );
  return row;
}
