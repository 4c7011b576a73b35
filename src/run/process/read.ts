/** Reads a batch's records from the run's supply and makes sure that they are those planned. */
import type { Batch } from "../../ledger/batches/batches.ts";
import { listDeferred, type WaitingRow } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { RunProgram } from "../program.ts";
import type { BatchRecords } from "../supply/row_supply.ts";

export interface ReadBatch {
  readonly records: BatchRecords;
  /** How many records there must be. */
  readonly count: number;
  /** In a later phase: the deferred rows, by row number. */
  readonly waiting: ReadonlyMap<number, WaitingRow>;
}

/**
 * Throws SourceError if the source has changed since it was planned, and RowsTaken if another retry
 * has taken rows of this one.
 */
export async function readBatch(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
): Promise<ReadBatch> {
  if (batch.phase > 1) {
    return await readWaiting(ledger, program, await listDeferred(ledger, batch, batch.phase));
  }
  await program.names.load(ledger, batch.last_row);
  const elsewhere = batch.deferred > 0 ? await listDeferred(ledger, batch, null) : [];
  const waiting = elsewhere.map((row) => row.row_number);
  const { supply, encoder } = program;
  return {
    records: await supply.readBatch(ledger, batch, waiting, encoder),
    count: batch.row_count,
    waiting: new Map(),
  };
}

/** Reads the given rows of `ingest.deferred`, in their order. Throws as `readBatch` does. */
export async function readWaiting(
  ledger: Ledger,
  { supply, names }: RunProgram,
  rows: readonly WaitingRow[],
): Promise<ReadBatch> {
  await names.load(ledger, rows.at(-1)?.row_number ?? 0);
  return {
    records: { kind: "found", found: await supply.readRows(ledger, rows) },
    count: rows.length,
    waiting: new Map(rows.map((row) => [row.row_number, row])),
  };
}
