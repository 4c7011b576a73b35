/**
 * A run that has loaded none of its rows, because it is all rows or none, is retried with all of them:
 * by a run with a corrected copy of its file (`source.completes`), which is the root of a chain of its
 * own. Such a copy may have been made of a copy. Of all runs of one file, one may load it.
 */
import { isLockTimeout } from "../../db/table_locked.ts";
import type { Ledger } from "../ledger.ts";
import type { PlannedRange } from "../batches/plan.ts";
import { CHAIN_PATIENCE, ChainBusy, type Retry } from "./retries.ts";
import type { Run, RunSource } from "./runs.ts";
import { ACTIVE_STATUSES_SQL, type RunStatus } from "./statuses.ts";
import { isUndone } from "../undo/undos.ts";

/** The run that has read the file first. */
export function firstOf({ id, source }: Pick<Run, "id" | "source">): number {
  return source.completes?.first ?? id;
}

/**
 * Locks the file until the end of the open transaction, also if its first run was deleted: who lets one
 * of its runs begin takes this lock before that of the chain. Throws ChainBusy.
 */
export async function holdFile(ledger: Ledger, run: Run): Promise<void> {
  const first = firstOf(run);
  try {
    await ledger.query(
      `set local lock_timeout = ${CHAIN_PATIENCE};
       select pg_advisory_xact_lock(${ledger.lockKey("file", String(first))});
       set local lock_timeout to default`,
    );
  } catch (error) {
    throw isLockTimeout(error) ? new ChainBusy(first, { cause: error }) : error;
  }
}

export interface OtherLoad {
  readonly id: number;
  readonly status: RunStatus;
}

/**
 * Another run of the same file that has loaded it, or is about to; null if there is none. Under
 * `holdFile`, nobody begins another meanwhile.
 */
export async function findOtherLoad(ledger: Ledger, run: Run): Promise<OtherLoad | null> {
  const [other] = await ledger.query<OtherLoad>(
    `select r.id, r.status from ${ledger.schema}.runs r
     where r.id >= $1 and r.id <> $2 and not r.dry_run and r.kind = 'import'
       and (r.id = $1 or (r.source #>> '{completes,first}')::bigint = $1)
       and (r.status in (${ACTIVE_STATUSES_SQL})
         or (r.status in ('completed', 'completed_with_errors')
           and not ${isUndone(ledger, "r.id")}))
     order by r.id limit 1`,
    [firstOf(run), run.id],
  );
  return other ?? null;
}

/** A planned batch and how many of its rows are corrected. */
export interface CorrectedRange extends PlannedRange {
  readonly first_row: number;
  readonly corrected: number;
}

/** In file order, after batch `after`. `retry`: whose corrections. */
export function listCorrectedRanges(
  ledger: Ledger,
  retry: Retry,
  after: number,
  limit: number,
): Promise<CorrectedRange[]> {
  const { schema } = ledger;
  return ledger.query<CorrectedRange>(
    `select number, first_line, first_row, byte_start, byte_end, checksum, (
       select count(*) from ${schema}.corrections c
       where c.run_id = $2 and c.row_number between b.first_row and b.last_row) as corrected
     from ${schema}.batches b
     where run_id = $1 and phase = 1 and number > $3 and byte_end > byte_start
     order by number limit $4`,
    [retry.from, retry.id, after, limit],
  );
}

/** A failed row: its own bytes, and those that are tried instead. */
export interface CorrectedRow {
  readonly row_number: number;
  readonly own: Uint8Array;
  readonly corrected: Uint8Array;
}

export function listCorrectedRows(
  ledger: Ledger,
  retry: Retry,
  batch: number,
): Promise<CorrectedRow[]> {
  const { schema } = ledger;
  return ledger.query<CorrectedRow>(
    `select c.row_number, own.raw as own, c.raw as corrected
     from ${schema}.batches b
     join ${schema}.corrections c
       on c.run_id = $2 and c.row_number between b.first_row and b.last_row
     join ${schema}.rows own
       on own.run_id = $1 and own.row_number = c.row_number and own.status = 'failed'
     where b.run_id = $1 and b.number = $3 order by c.row_number`,
    [retry.from, retry.id, batch],
  );
}

/** The run reads this copy from now on, which has the corrected rows: they are not needed any more. */
export async function readsCopy(
  ledger: Ledger,
  run: number,
  source: RunSource,
  { path, checksum, fingerprint }: {
    readonly path: string;
    readonly checksum: string;
    readonly fingerprint: string;
  },
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs
     set source = (source - 'edited_rows') || $2::text::jsonb, processed_filepath = $3,
       checksum = $4, fingerprint = $5 where id = $1`,
    [run, JSON.stringify(source), path, checksum, fingerprint],
  );
  await ledger.execute(`delete from ${ledger.schema}.corrections where run_id = $1`, [run]);
}
