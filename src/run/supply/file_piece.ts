/** A piece of a file, as its reader cuts it: the rows of a batch, or of a part of one. */
import { crc32 } from "node:zlib";
import type { Cut, Scanner } from "../../kernel/scanner.ts";
import type { HashedRows } from "../../keys/hashed_rows.ts";
import type { DeferredRow } from "../../ledger/batches/deferred.ts";
import type { PlanPosition } from "../../ledger/batches/plan.ts";
import { checksumAfter, checksumText } from "./checksum.ts";
import type { Piece } from "./row_supply.ts";

export class FilePiece implements Piece {
  readonly rows: number;
  readonly batch: Piece["batch"];
  readonly bytes: Uint8Array;
  /** CRC-32 of the bytes. */
  readonly crc: number;
  /** The physical line on which the piece begins. */
  readonly line: number;
  readonly #joins: boolean;
  readonly #scanner: Scanner;
  readonly #cut: Cut;
  readonly #from: PlanPosition;

  /** `joins`: it begins a part, and may be read together with the piece before it. */
  constructor(
    scanner: Scanner,
    window: Uint8Array,
    cut: Cut,
    from: PlanPosition,
    joins: boolean,
  ) {
    this.rows = cut.rows;
    this.#joins = joins;
    this.bytes = window.subarray(cut.start, cut.end);
    this.crc = crc32(this.bytes);
    this.line = from.lines + 1;
    this.batch = this.rows === 0 ? null : {
      firstRow: from.rows + 1,
      lastRow: from.rows + cut.rows,
      rows: cut.rows,
      firstLine: this.line,
      byteStart: from.bytes,
      byteEnd: from.bytes + this.bytes.length,
      checksum: checksumText(this.crc),
    };
    this.#scanner = scanner;
    this.#cut = cut;
    this.#from = from;
  }

  get hashed(): HashedRows {
    return this.#scanner;
  }

  checksumAfter(before: string): string | null {
    return this.#joins ? checksumAfter(before, this.bytes) : null;
  }

  row(index: number): DeferredRow {
    const { start, end, line } = this.#scanner.place(index);
    const offset = this.#from.bytes - this.#cut.start;
    return {
      rowNumber: this.#from.rows + 1 + index,
      line: this.line + line,
      byteStart: offset + start,
      byteEnd: offset + end,
      checksum: crc32(this.#scanner.window.subarray(start, end)),
      keys: [],
    };
  }
}
