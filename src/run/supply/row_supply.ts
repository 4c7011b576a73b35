/**
 * Where a run's rows come from: its file, or the log of the run that it retries. The planner reads
 * all rows in their order; a batch reads its own again; the supply hears what became of them.
 */
import type { ScannedKeys } from "../../kernel/hashed_keys.ts";
import type { BatchLimits } from "../../kernel/scanner.ts";
import type { HashedRows } from "../../keys/hashed_rows.ts";
import type { Batch } from "../../ledger/batches.ts";
import type { DeferredRow, WaitingRow } from "../../ledger/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { PlannedBatch, PlanPosition } from "../../ledger/plan.ts";
import type { Run } from "../../ledger/runs.ts";
import type { TriedRows } from "../../ledger/tried_rows.ts";
import type { FoundRecords } from "../../source/found_records.ts";
import type { RecordPosition } from "../../source/record.ts";

export interface RowSupply {
  /**
   * Stands before the first row. `run`: as it is now. `keys`: what is hashed of each row; null:
   * nothing. Throws SourceError.
   */
  open(
    ledger: Ledger,
    run: Run,
    keys: ScannedKeys | null,
    limits: BatchLimits,
  ): Promise<RowReader>;

  /** Throws SourceError if the rows are not those that have been planned any more. `run`: as now. */
  assertUnchanged(run: Run): Promise<void>;

  /**
   * A batch's rows, as they were planned, but for those that wait for a later phase. Throws
   * SourceError if the source has changed, RowsTaken if another retry has taken them.
   */
  readBatch(
    ledger: Ledger,
    batch: Batch,
    waiting: readonly number[],
    room: BatchRoom,
  ): Promise<BatchRecords>;

  /** Single rows, in their order. Throws as `readBatch` does. */
  readRows(ledger: Ledger, rows: readonly WaitingRow[]): Promise<FoundRecords>;

  /**
   * In the batch's own transaction: which of its rows are in the table now, and which have failed.
   * Throws RowsTaken if some of them are not this run's any more: then nothing may be committed.
   */
  recordTried(ledger: Ledger, tried: TriedRows): Promise<void>;
}

/** Reads rows for the planner, in pieces that are each enough for a batch. */
export interface RowReader {
  /** How far it has come. */
  readonly position: PlanPosition;
  /** No row is left. */
  readonly atEnd: boolean;
  /** Null if no row is left. A piece is valid until the next one is asked for. */
  next(): Promise<Piece | null>;
  close(): void;
}

export interface Piece {
  /** Null: there are no rows in it, only bytes that belong to none. */
  readonly batch: Omit<PlannedBatch, "number" | "deferred"> | null;
  /** How many rows it has. */
  readonly rows: number;
  /** The rows with their keys, where keys are hashed. */
  readonly hashed: HashedRows;
  /** One of its rows, by its number in the piece, as it is written down to be read again. */
  row(index: number): DeferredRow;
}

/** Where a batch's bytes are put (kernel/encoder.ts). */
export interface BatchRoom {
  /** `rows`: how many records it will have; `skipped`: which others are left out, by position. */
  input(length: number, rows: number, skipped: readonly number[]): Uint8Array<ArrayBuffer>;
}

/** The records of a batch. */
export type BatchRecords =
  /**
   * One after the other, those that wait among them; `bytes` are in the batch's room. `at`: where
   * the first byte stands in the source.
   */
  | { readonly kind: "piece"; readonly bytes: Uint8Array; readonly at: RecordPosition }
  | { readonly kind: "found"; readonly found: FoundRecords };
