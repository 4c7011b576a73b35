/** Gets a batch's records from where the run's rows come from, making sure that they are what was planned. */
import type { Batch } from "../../ledger/batches.ts";
import { listDeferred, type WaitingRow } from "../../ledger/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { RunProgram } from "../program.ts";
import type { BatchRecords } from "../supply/row_supply.ts";

export interface ReadBatch {
  readonly records: BatchRecords;
  /** How many they have to be. */
  readonly count: number;
  /** For a later phase: what is known of each row, by row number. */
  readonly waiting: ReadonlyMap<number, WaitingRow>;
}

/** Throws SourceError if the source has changed since it was planned, RowsTaken for a retry. */
export async function readBatch(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
): Promise<ReadBatch> {
  if (batch.phase > 1) {
    return await readWaiting(ledger, program, await listDeferred(ledger, batch, batch.phase));
  }
  const elsewhere = batch.deferred > 0 ? await listDeferred(ledger, batch, null) : [];
  const waiting = elsewhere.map((row) => row.row_number);
  const { supply, encoder } = program;
  return {
    records: await supply.readBatch(ledger, batch, waiting, encoder),
    count: batch.row_count,
    waiting: new Map(),
  };
}

/** Reads rows that `ingest.deferred` names, in their order; throws as `readBatch` does. */
export async function readWaiting(
  ledger: Ledger,
  { supply }: RunProgram,
  rows: readonly WaitingRow[],
): Promise<ReadBatch> {
  return {
    records: { kind: "found", found: await supply.readRows(ledger, rows) },
    count: rows.length,
    waiting: new Map(rows.map((row) => [row.row_number, row])),
  };
}
