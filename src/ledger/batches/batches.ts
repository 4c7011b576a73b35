/** `batches`: what becomes of a claimed batch. It is completed, given back or given up. */
import type { ChangedColumn } from "../../load/diff/changed_values.ts";
import { byFile, type FileCounts } from "../runs/file_counts.ts";
import { isHeld, type Ledger } from "../ledger.ts";
import type { NotesOfBatch } from "../undo/undo_marks.ts";
import { requestFailure } from "../runs/run_states.ts";
import type { Related } from "../../load/related/related_plan.ts";

export interface Batch {
  readonly id: number;
  readonly run_id: number;
  readonly number: number;
  readonly phase: number;
  readonly first_row: number;
  readonly last_row: number;
  readonly first_line: number;
  readonly byte_start: number;
  readonly byte_end: number;
  readonly checksum: string | null;
  readonly row_count: number;
  readonly deferred: number;
  readonly attempts: number;
  readonly lone_attempts: number;
  /** Only in an undo: the table or partition that it takes rows from. */
  readonly relation: number | null;
}

/** A batch in progress, with the name of its worker. */
export interface Held {
  readonly run: number;
  readonly worker: string;
  /** Its connection waits for a lock in the database. */
  readonly waits: boolean;
}

/** What the workers whose names begin like this are doing. */
export function listHeld(ledger: Ledger, prefix: string): Promise<Held[]> {
  return ledger.query<Held>(
    `with locks as materialized (select * from pg_locks)
     select b.run_id as run, b.worker, exists (
       select from locks l join locks w on w.pid = l.pid and not w.granted
       where ${isHeld(ledger.lockKey("batch", "b.id"))}
     ) as waits
     from ${ledger.schema}.batches b
     where b.status = 'processing' and starts_with(b.worker, $1)`,
    [prefix],
  );
}

/**
 * The first completed batch with rows that comes after number `after` and before the given one.
 * Looks at batches of deferred rows, or, with `all`, at all batches. `atomic`: a batch with failed rows
 * was rolled back.
 */
export async function findDoneAfter(
  ledger: Ledger,
  batch: Batch,
  after: number,
  { all, atomic }: { readonly all: boolean; readonly atomic: boolean },
): Promise<Batch | null> {
  const [done] = await ledger.query<Batch>(
    `select * from ${ledger.schema}.batches
     where run_id = $1 and number > $2 and number < $3 and (phase > 1 or $4)
       and status = 'completed' and row_count > 0 and not ($5 and failed > 0)
     order by number limit 1`,
    [batch.run_id, after, batch.number, all, atomic],
  );
  return done ?? null;
}

export interface BatchCounts {
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  /** Of the skipped rows: those that a trigger took. */
  readonly taken: number;
  readonly failed: number;
  /** Of the failed rows: those that are only counted. */
  readonly unlogged: number;
  /** Rows that this batch has deferred: they no longer belong to it. */
  readonly deferred: number;
}

/**
 * Another worker has claimed the batch: if it looked for the lock just before we took it, it can
 * claim the batch just after. It gets the batch as soon as we release the lock.
 */
export class ClaimLost extends Error {
  override readonly name = "ClaimLost";
}

/**
 * The last statement of the batch's transaction, which began when the work did: all times are the
 * server's, whatever this machine's clock says. Throws ClaimLost if the claim no longer stands:
 * then the transaction must not be committed.
 */
export async function completeBatch(
  ledger: Ledger,
  batch: Batch,
  counts: BatchCounts,
  { marks = null, files = null, added, related, changes = null }: {
    readonly marks?: NotesOfBatch | null;
    readonly files?: readonly FileCounts[] | null;
    /** How many rows were added to tables in which values are looked up, by table. */
    readonly added?: ReadonlyMap<string, number>;
    /** What was written to other tables for the rows, by table. */
    readonly related?: Related;
    /** What would change in each column; null: nobody has looked. */
    readonly changes?: readonly ChangedColumn[] | null;
  } = {},
): Promise<void> {
  const numbered = marks?.numbered() ?? "";
  const completed = await ledger.execute(
    `${numbered && `with ${numbered} `}update ${ledger.schema}.batches
     set status = 'completed', completed_at = clock_timestamp(), started_at = now(),
       created = $3, updated = $4, skipped = $5, failed = $6,
       deferred = deferred + $7, row_count = row_count - $7, taken = $8,
       unlogged = $9, added = $10::text::jsonb, related = $11::text::jsonb${
      files === null ? "" : ", by_file = $12::text::jsonb"
    }${changes === null ? "" : `, diff = $${files === null ? 12 : 13}::text::jsonb`}
     where id = $1 and status = 'processing' and attempts = $2`,
    [
      batch.id,
      batch.attempts,
      counts.created,
      counts.updated,
      counts.skipped,
      counts.failed,
      counts.deferred,
      counts.taken,
      counts.unlogged,
      asJson(added),
      asJson(related),
      ...files === null ? [] : [byFile(files)],
      ...changes === null ? [] : [JSON.stringify(changes)],
    ],
  );
  if (completed !== 1) {
    throw new ClaimLost(
      `Cannot complete batch ${batch.number} of run ${batch.run_id}: another worker has it`,
    );
  }
}

function asJson(byTable: ReadonlyMap<string, unknown> | undefined): string | null {
  return byTable === undefined || byTable.size === 0
    ? null
    : JSON.stringify(Object.fromEntries(byTable));
}

/**
 * Gives back a claimed batch untried: the process survived, so the attempt doesn't count. Does
 * nothing if another worker has claimed it meanwhile.
 */
export async function releaseBatch(ledger: Ledger, batch: Batch): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.batches
     set status = 'pending', attempts = attempts - 1, worker = null,
       lone_attempts = greatest(lone_attempts - 1, 0)
     where id = $1 and status = 'processing' and attempts = $2`,
    [batch.id, batch.attempts],
  );
}

/** A batch that ended its process this many times while alone in it is not tried again. */
export const MAX_LONE_ATTEMPTS = 3;

/**
 * Marks a batch that kills every process that loads it, and makes its run fail, in one transaction:
 * a run with such a batch must not continue. False if another worker holds it after all.
 */
export async function giveUpBatch(ledger: Ledger, batch: Batch): Promise<boolean> {
  return await ledger.transaction(async () => {
    const [given] = await ledger.query<{ whole: boolean }>(
      `with batch as (
         update ${ledger.schema}.batches set status = 'failed',
           error = jsonb_build_object('code', 'given_up', 'attempts', attempts)
         where id = $1 and status = 'processing' and attempts = $2 
         returning run_id, number, first_row, last_row
       ), event as (
       insert into ${ledger.schema}.run_events (run_id, type, details)
       select run_id, 'batch given up', jsonb_build_object('batch', number, 'first_row', first_row,
         'last_row', last_row) from batch)
       select r.whole from ${ledger.schema}.runs r join batch on batch.run_id = r.id`,
      [batch.id, batch.attempts],
    );
    if (given === undefined) return false;
    const { first_row, last_row } = batch;
    const what = given.whole
      ? "To load all rows in one transaction"
      : `Rows ${first_row} to ${last_row}`;
    await requestFailure(ledger, batch.run_id, {
      code: "batch_given_up",
      message: `${what} crashed the program each of the ${MAX_LONE_ATTEMPTS} times that ` +
        `${given.whole ? "it was" : "they were"} tried alone.`,
    });
    return true;
  });
}

export async function recordRescue(ledger: Ledger, batch: Batch): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, details)
     select run_id, 'batch rescued', jsonb_build_object('batch', number, 'attempt', $2::int,
       'first_row', first_row, 'last_row', last_row, 'worker', worker)
     from ${ledger.schema}.batches where id = $1`,
    [batch.id, batch.attempts],
  );
}
