/** `run_progress` and `run_health`: a run's counts and its health, summed by Postgres. */
import type { Ledger } from "../ledger.ts";
import { isTerminal, type RunStatus } from "./statuses.ts";
import { leftBy } from "./left_runs.ts";
import { type Uncommitted, uncommittedOf } from "./uncommitted.ts";

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
  /** Rows that are deferred to a later phase. */
  readonly deferred: number;
  readonly open_batches: number;
  readonly batches: number;
  readonly rows_per_second: number | null;
  /** For an undo: created rows that were deleted again. */
  readonly deleted: number;
  /** How far the transaction is that loads all of the run; null if there is none at this moment. */
  readonly uncommitted: Uncommitted | null;
}

export interface RunHealth extends RunProgress {
  /** Batches that are being loaded right now. */
  readonly workers: number;
  /** It has work to do, and no process is working on it. */
  readonly stalled: boolean;
  /** One of them has been silent for long in the middle of its transaction. */
  readonly stuck: boolean;
  /** In words, a line for each reason: which batches wait for what, and who holds it. */
  readonly waiting_on: string | null;
  /** Which machines leave it to others, and why, a line for each; null if somebody is at it. */
  readonly left_by: string | null;
  /** It waits its turn: the workers are on this run. */
  readonly queued_behind: number | null;
}

export async function readProgress(ledger: Ledger, runId: number): Promise<RunProgress> {
  const [row] = await ledger.query<RunProgress>(
    `select p.*, ${uncommittedOf(ledger, "p.run_id")} as uncommitted
     from ${ledger.schema}.run_progress p where p.run_id = $1`,
    [runId],
  );
  return row;
}

/** Has a batch of the run created or updated rows, and is it committed? */
export async function hasWritten(ledger: Ledger, runId: number): Promise<boolean> {
  const [row] = await ledger.query<{ written: boolean }>(
    `select exists (select from ${ledger.schema}.batches
       where run_id = $1 and created + updated + taken > 0) as written`,
    [runId],
  );
  return row.written;
}

/** For a run whose status is known: if it has ended, it can be neither stalled nor stuck. */
export async function readHealthOf(
  ledger: Ledger,
  { id, status }: { readonly id: number; readonly status: RunStatus },
): Promise<RunHealth> {
  // Takes 0.5 ms instead of 2, and over a new connection 2 ms instead of 6.
  return isTerminal(status)
    ? { ...await readProgress(ledger, id), ...NO_SIGNS_OF_LIFE }
    : await readHealth(ledger, id);
}

const NO_SIGNS_OF_LIFE = {
  workers: 0,
  stalled: false,
  stuck: false,
  waiting_on: null,
  left_by: null,
  queued_behind: null,
};

export async function readHealth(ledger: Ledger, runId: number): Promise<RunHealth> {
  const [row] = await ledger.query<RunHealth>(
    `select h.*, ${uncommittedOf(ledger, "h.run_id")} as uncommitted,
       ${leftBy(ledger, "h")} as left_by
     from ${ledger.schema}.run_health h where h.run_id = $1`,
    [runId],
  );
  return row;
}

/** Why it makes no progress, a line for each reason; null if none is known. */
export function reasonsToWait({ waiting_on, left_by }: RunHealth): string | null {
  return waiting_on ?? left_by;
}
