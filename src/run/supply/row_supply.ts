/**
 * Where a run's rows come from: its file, or the log of the run that it retries. The planner reads
 * all rows in order, each batch reads its own rows again, and the supply is told their outcomes.
 */
import type { ScannedKeys } from "../../kernel/hashed_keys.ts";
import type { BatchLimits } from "../../kernel/scanner.ts";
import type { HashedRows } from "../../keys/hashed_rows.ts";
import type { Batch } from "../../ledger/batches/batches.ts";
import type { DeferredRow, WaitingRow } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { BegunPart } from "../../ledger/runs/run_files.ts";
import type { PlannedBatch, PlanPosition } from "../../ledger/batches/plan.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { TriedRows } from "../../ledger/edits/tried_rows.ts";
import type { BatchPart } from "../../kernel/part_lines.ts";
import type { FoundRecords } from "../../source/found_records.ts";
import type { Identity } from "../../source/file/identity.ts";
import type { RecordPosition } from "../../source/record.ts";

export interface RowSupply {
  /**
   * Returns a reader before the first row. `run` must be freshly read. `keys`: what to hash of each
   * row; null for nothing, and then rows may only be measured. `identifies`: `identify` will be
   * called. Throws SourceError.
   */
  open(
    ledger: Ledger,
    run: Run,
    keys: ScannedKeys | null,
    limits: BatchLimits,
    identifies?: boolean,
  ): Promise<RowReader>;

  /** Throws SourceError if the rows have changed since they were planned; `run`: freshly read. */
  assertUnchanged(run: Run): Promise<void>;

  /** Throws SourceError if the source has grown since the run was created. Costs no reading. */
  assertNotGrown(): Promise<void>;

  /**
   * Reads a batch's rows as they were planned, without those deferred to a later phase (`waiting`).
   * Throws SourceError if the source has changed, RowsTaken if another retry has taken rows.
   */
  readBatch(
    ledger: Ledger,
    batch: Batch,
    waiting: readonly number[],
    room: BatchRoom,
  ): Promise<BatchRecords>;

  /** Reads single rows, in the given order. Throws as `readBatch` does. */
  readRows(ledger: Ledger, rows: readonly WaitingRow[]): Promise<FoundRecords>;

  /**
   * Takes note, in the batch's own transaction, of which rows are now in the table and which have
   * failed. Throws RowsTaken if some no longer belong to this run; then nothing may be committed.
   * `tried` lists a whole batch, so it is called only by supplies that note something.
   */
  recordTried(ledger: Ledger, tried: () => TriedRows): Promise<void>;
}

/** Reads rows for the planner, in pieces of one batch each. */
export interface RowReader {
  /** How far the reader has come. */
  readonly position: PlanPosition;
  /** No row is left. */
  readonly atEnd: boolean;
  /** What the reader has noticed so far, for the run's warnings. */
  readonly notes: readonly string[];
  /** The run's files in which the pieces so far have begun, and the rows before each, if it has several. */
  readonly begun: readonly BegunPart[];
  /** Null if no row is left. A piece is valid until the next one is asked for. */
  next(): Promise<Piece | null>;
  /** At the end, once: what it has read, if it is a file and was opened for that; else null. */
  identify(): Promise<Identity | null>;
  close(): void;
}

export interface Piece {
  /** Null if the piece has no rows, only bytes that belong to none. */
  readonly batch: Omit<PlannedBatch, "number" | "deferred"> | null;
  /** How many rows the piece has. */
  readonly rows: number;
  /**
   * The checksum of a batch that has this piece, and those before it with that checksum. Null if it
   * has to begin a batch.
   */
  checksumAfter(before: string): string | null;
  /** The rows with their key hashes, where keys are hashed. */
  readonly hashed: HashedRows;
  /** One of its rows, by index, as it is stored if the row is deferred; where keys are hashed. */
  row(index: number): DeferredRow;
}

/** The memory for a batch's bytes (kernel/encoder.ts). */
export interface BatchRoom {
  /** `rows`: how many records will be used; `skipped`: the positions of those to leave out. */
  input(length: number, rows: number, skipped: readonly number[]): Uint8Array<ArrayBuffer>;
}

/** The records of a batch. */
export type BatchRecords =
  /**
   * Consecutive records, including those that are deferred. `bytes` are in the batch's room; `at`:
   * the place of the first byte in the source.
   */
  | {
    readonly kind: "piece";
    readonly bytes: Uint8Array;
    readonly at: RecordPosition;
    /** Where rows of another file begin in it. */
    readonly parts: readonly BatchPart[];
  }
  | { readonly kind: "found"; readonly found: FoundRecords };
