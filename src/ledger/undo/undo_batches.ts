/** `batches`, `rows` and `batch_errors` of undos. */
import { type Batch, ClaimLost } from "../batches/batches.ts";
import type { Ledger } from "../ledger.ts";
import { movePlan, type PlanPosition } from "../batches/plan.ts";
import type { RowErrors } from "../rows/rows.ts";

/**
 * What the batches of an undo do: of each table in this order, because a unique value that a created row
 * has may be an old value of another one. What is missing shows when everything else is done. What a row
 * that was deleted had, may be unique, too. Batches of the first phase are done side by side, all others
 * one after the other, by their numbers: so created rows to which others of the chain may refer have a
 * phase of their own, `referred`.
 */
export const PHASES = { created: 1, oldValues: 2, missing: 3, deleted: 4, referred: 5 } as const;

/** A piece of a table, or the old values that one batch of the run has kept. */
export interface PlannedUndo {
  readonly number: number;
  readonly phase: number;
  readonly relation: number;
  readonly firstRow: number;
  readonly rows: number;
  /** How many of them were found, and are created by the chain. */
  readonly found?: number;
  /**
   * Blocks of the relation; for old values: the run and the batch that kept them; for deleted rows: their
   * numbers.
   */
  readonly from: number;
  readonly to: number;
}

/** In the open transaction. False if the run is no longer processing, or somebody else has planned. */
export async function writeUndoStep(
  ledger: Ledger,
  runId: number,
  from: PlanPosition,
  to: PlanPosition,
  batches: readonly PlannedUndo[],
): Promise<boolean> {
  if (!await movePlan(ledger, runId, from, to)) return false;
  await writeUndoBatches(ledger, runId, batches);
  return true;
}

export async function writeUndoBatches(
  ledger: Ledger,
  runId: number,
  batches: readonly PlannedUndo[],
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.batches (run_id, number, phase, relation, first_row, last_row,
       first_line, byte_start, byte_end, row_count)
     select $1, number, phase, relation, first_row, first_row + rows - 1, found, byte_start, byte_end,
       rows
     from unnest($2::int[], $3::int[], $4::oid[], $5::bigint[], $6::int[], $7::bigint[],
       $8::bigint[], $9::bigint[])
       as planned (number, phase, relation, first_row, rows, byte_start, byte_end, found)`,
    [
      runId,
      batches.map((b) => b.number),
      batches.map((b) => b.phase),
      batches.map((b) => b.relation),
      batches.map((b) => b.firstRow),
      batches.map((b) => b.rows),
      batches.map((b) => b.from),
      batches.map((b) => b.to),
      batches.map((b) => b.found ?? 0),
    ],
  );
}

export async function lastBatchNumber(ledger: Ledger, runId: number): Promise<number> {
  const [{ number }] = await ledger.query<{ number: number }>(
    `select coalesce(max(number), 0) as number from ${ledger.schema}.batches where run_id = $1`,
    [runId],
  );
  return number;
}

/** A batch whose rows can't be found, so that nothing is left to do. Its group is to be written. */
export async function writeLostBatch(
  ledger: Ledger,
  batch: Pick<Batch, "run_id" | "number" | "first_row">,
  rows: number,
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.batches (run_id, number, first_row, last_row, first_line, byte_start,
       byte_end, row_count, failed, status, completed_at)
     values ($1, $2, $3, $3::bigint + $4::int - 1, 0, 0, 0, $4::int, $4::int, 'completed',
       clock_timestamp())`,
    [batch.run_id, batch.number, batch.first_row, rows],
  );
}

export interface UndoCounts {
  readonly deleted: number;
  readonly updated: number;
  readonly failed: number;
}

/** As `completeBatch`. `table`: counted by its name; null: it is the only one. Throws ClaimLost. */
export async function completeUndoBatch(
  ledger: Ledger,
  batch: Batch,
  { deleted, updated, failed }: UndoCounts,
  table: string | null,
): Promise<void> {
  const related = table && JSON.stringify({
    [table]: { deleted, restored: updated, kept: failed },
  });
  const completed = await ledger.execute(
    `update ${ledger.schema}.batches
     set status = 'completed', completed_at = clock_timestamp(), started_at = now(),
       deleted = $3, updated = $4, failed = $5, related = $6::text::jsonb
     where id = $1 and status = 'processing' and attempts = $2`,
    [batch.id, batch.attempts, deleted, updated, failed, related],
  );
  if (completed !== 1) {
    throw new ClaimLost(
      `Cannot complete batch ${batch.number} of run ${batch.run_id}: another worker has it`,
    );
  }
}

/** A row that stays as it is, and why. */
export interface KeptRow {
  readonly number: number;
  readonly relation: number;
  readonly ctid: string;
  readonly errors: RowErrors;
}

/** Logs rows of the table as failed. `rows`: SQL, where they are; `columns`: SQL and name of each. */
export async function logKept(
  ledger: Ledger,
  runId: number,
  kept: readonly KeptRow[],
  rows: string,
  columns: readonly { readonly name: string; readonly sql: string }[],
): Promise<void> {
  if (kept.length === 0) return;
  const values = columns.map(({ sql }) => `coalesce(${sql}::text, '')`).join(", ");
  await ledger.execute(
    `insert into ${ledger.schema}.logged_rows (run_id, row_number, line, status, raw, data, errors)
     select $1, k.number, 0, 'failed', convert_to(t::text, 'UTF8'),
       jsonb_object($6::text[], array[${values}]::text[]), k.errors::jsonb
     from unnest($2::bigint[], $3::oid[], $4::tid[], $5::text[]) as k (number, relation, place, errors)
     join ${rows} t on t.ctid = k.place and t.tableoid = k.relation`,
    [
      runId,
      kept.map(({ number }) => number),
      kept.map(({ relation }) => relation),
      kept.map(({ ctid }) => ctid),
      kept.map(({ errors }) => JSON.stringify(errors)),
      columns.map(({ name }) => name),
    ],
  );
}
