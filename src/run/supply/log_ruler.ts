/**
 * Cuts the rows of a retry into pieces, as LogReader does, without reading them: for a planner
 * that hashes no keys. It only asks how many rows there are and how long they are.
 */
import type { BatchLimits } from "../../kernel/scanner.ts";
import type { HashedRows } from "../../keys/hashed_rows.ts";
import type { DeferredRow } from "../../ledger/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { inPages } from "../../ledger/pages.ts";
import type { PlanPosition } from "../../ledger/plan.ts";
import { type MeasuredRows, measurePage, measureUnresolved } from "../../ledger/measure_rows.ts";
import { listPlannedRows, type PlannedRows } from "../../ledger/retried_rows.ts";
import type { Retry } from "../../ledger/retries.ts";
import type { Piece, RowReader } from "./row_supply.ts";

/** What share of a piece's bytes it aims for, and from which on a piece is full enough. */
const GUESSED = 0.97, FULL = 0.9;
const SAMPLE_ROWS = 1000;

export class LogRuler implements RowReader {
  /** The first run has told them. */
  readonly notes: readonly string[] = [];
  readonly #ledger: Ledger;
  readonly #retry: Retry;
  readonly #limits: BatchLimits;
  readonly #planned: AsyncGenerator<PlannedRows>;
  #position: PlanPosition = { bytes: 0, rows: 0, lines: 0 };
  #lastRow = 0;
  #pastPlanned = false;
  #atEnd = false;

  constructor(ledger: Ledger, retry: Retry, limits: BatchLimits) {
    this.#ledger = ledger;
    this.#retry = retry;
    this.#limits = limits;
    this.#planned = inPages((after, limit) => listPlannedRows(ledger, retry, after, limit));
  }

  get position(): PlanPosition {
    return this.#position;
  }

  get atEnd(): boolean {
    return this.#atEnd;
  }

  readFingerprint(): Promise<null> {
    return Promise.resolve(null);
  }

  async next(): Promise<Piece | null> {
    await this.#ledger.walkTheIndex();
    const planned = this.#pastPlanned ? null : await this.#nextPlanned();
    if (planned !== null) return planned;
    return this.#atEnd ? null : await this.#nextUnresolved();
  }

  close(): void {}

  /** Passes the next batch that another planner has already made. */
  async #nextPlanned(): Promise<Piece | null> {
    const { value: batch, done } = await this.#planned.next();
    if (done) {
      this.#pastPlanned = true;
      return null;
    }
    const { rows, first_row, last_row, first_line, byte_end } = batch;
    const bytes = byte_end - this.#position.bytes;
    // Which line the batch ends with is not on record, and matters only behind the last one.
    return this.#take({ rows, bytes, first_row, last_row, first_line, last_line: first_line });
  }

  async #nextUnresolved(): Promise<Piece | null> {
    const limit = this.#position.bytes === 0 ? await this.#sample() : this.#guess(this.#position);
    const guessed = await measureUnresolved(this.#ledger, this.#retry, this.#lastRow, limit);
    if (guessed === null) {
      this.#atEnd = true;
      return null;
    }
    const { rows, bytes } = this.#limits;
    const isLast = guessed.rows < limit;
    const isFull = isLast || guessed.rows === rows || guessed.bytes >= FULL * bytes;
    if (isFull && (guessed.bytes <= bytes || guessed.rows === 1)) {
      this.#atEnd = isLast;
      return this.#take(guessed);
    }
    const page = await measurePage(this.#ledger, this.#retry, this.#lastRow, this.#limits);
    return page && this.#take(page);
  }

  /** Guesses from the very first rows. */
  async #sample(): Promise<number> {
    const limit = Math.min(SAMPLE_ROWS, this.#limits.rows);
    const seen = await measureUnresolved(this.#ledger, this.#retry, this.#lastRow, limit);
    return seen === null || seen.bytes === 0 ? this.#limits.rows : this.#guess(seen);
  }

  /** How many rows probably fit into a piece, if they are as long as those that were seen. */
  #guess(seen: { readonly rows: number; readonly bytes: number }): number {
    const { rows, bytes } = this.#limits;
    const likely = Math.floor(GUESSED * bytes * seen.rows / seen.bytes);
    return Math.min(rows, Math.max(likely, 1));
  }

  #take(
    { rows, bytes, first_row, last_row, first_line, last_line }: MeasuredRows,
  ): Piece {
    const from = this.#position;
    this.#position = { bytes: from.bytes + bytes, rows: from.rows + rows, lines: last_line };
    this.#lastRow = last_row;
    return new MeasuredPiece({
      firstRow: first_row,
      lastRow: last_row,
      rows,
      firstLine: first_line,
      byteStart: from.bytes,
      byteEnd: this.#position.bytes,
      checksum: null,
    });
  }
}

class MeasuredPiece implements Piece {
  readonly rows: number;
  readonly batch: NonNullable<Piece["batch"]>;

  constructor(batch: NonNullable<Piece["batch"]> & { readonly rows: number }) {
    this.rows = batch.rows;
    this.batch = batch;
  }

  get hashed(): HashedRows {
    throw new Error("The rows are planned without their keys");
  }

  row(): DeferredRow {
    throw new Error("The rows are planned without reading them");
  }
}
