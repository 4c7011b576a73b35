/**
 * Cuts the rows of a retry into pieces, as LogReader does, without reading them: for a planner
 * that hashes no keys. It only asks how many rows there are and how long they are.
 */
import type { HashedRows } from "../../keys/hashed_rows.ts";
import type { DeferredRow } from "../../ledger/batches/deferred.ts";
import {
  type MeasuredRows,
  measurePage,
  measureUnresolved,
} from "../../ledger/rows/measure_rows.ts";
import type { PlannedRows } from "../../ledger/rows/retried_rows.ts";
import { LogWalk } from "./log_walk.ts";
import type { Piece } from "./row_supply.ts";

/** What share of a piece's bytes it aims for, and from which on a piece is full enough. */
const GUESSED = 0.97, FULL = 0.9;
const SAMPLE_ROWS = 1000;

export class LogRuler extends LogWalk {
  protected planned({ rows, first_row, last_row, first_line, byte_end }: PlannedRows): Piece {
    const bytes = byte_end - this.position.bytes;
    // Which line the batch ends with is not on record, and matters only behind the last one.
    return this.#take({ rows, bytes, first_row, last_row, first_line, last_line: first_line });
  }

  protected async unresolved(): Promise<Piece | null> {
    const limit = this.position.bytes === 0 ? await this.#sample() : this.#guess(this.position);
    const guessed = await measureUnresolved(this.ledger, this.retry, this.lastRow, limit);
    if (guessed === null) {
      this.isLast = true;
      return null;
    }
    const { rows, bytes } = this.limits;
    const isLast = guessed.rows < limit;
    const isFull = isLast || guessed.rows === rows || guessed.bytes >= FULL * bytes;
    if (isFull && (guessed.bytes <= bytes || guessed.rows === 1)) {
      this.isLast = isLast;
      return this.#take(guessed);
    }
    const page = await measurePage(this.ledger, this.retry, this.lastRow, this.limits);
    return page && this.#take(page);
  }

  /** Guesses from the very first rows. */
  async #sample(): Promise<number> {
    const limit = Math.min(SAMPLE_ROWS, this.limits.rows);
    const seen = await measureUnresolved(this.ledger, this.retry, this.lastRow, limit);
    return seen === null || seen.bytes === 0 ? this.limits.rows : this.#guess(seen);
  }

  /** How many rows probably fit into a piece, if they are as long as those that were seen. */
  #guess(seen: { readonly rows: number; readonly bytes: number }): number {
    const { rows, bytes } = this.limits;
    const likely = Math.floor(GUESSED * bytes * seen.rows / seen.bytes);
    return Math.min(rows, Math.max(likely, 1));
  }

  #take(
    { rows, bytes, first_row, last_row, first_line, last_line }: MeasuredRows,
  ): Piece {
    const from = this.pass(bytes, rows, last_row, last_line);
    return new MeasuredPiece({
      firstRow: first_row,
      lastRow: last_row,
      rows,
      firstLine: first_line,
      byteStart: from.bytes,
      byteEnd: this.position.bytes,
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

  checksumAfter(): null {
    return null;
  }

  row(): DeferredRow {
    throw new Error("The rows are planned without reading them");
  }
}
