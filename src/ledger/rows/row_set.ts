/** A set of rows, as bits in blocks: sets can be compared, and stored as marks. */
import { BLOCK_ROWS, blockOf, countBits, type MarkedRows, markedRows } from "./row_marks.ts";

const BLOCK_BYTES = BLOCK_ROWS / 8;

export class RowSet {
  readonly #blocks = new Map<number, Uint8Array>();

  static of(rows: Iterable<number>): RowSet {
    const set = new RowSet();
    for (const row of rows) set.addRun(row, row);
    return set;
  }

  addRun(first: number, last: number): void {
    for (let row = first; row <= last;) {
      const block = blockOf(row);
      const bits = this.#bitsOf(block);
      const end = Math.min(last, block + BLOCK_ROWS - 1);
      while (row <= end) {
        const place = row - block;
        // Eight rows at a time, where they are all of a byte's.
        if (place % 8 === 0 && row + 7 <= end) {
          bits[place >> 3] = 0xff;
          row += 8;
        } else {
          bits[place >> 3] |= 0x80 >> (place & 7);
          row++;
        }
      }
    }
  }

  /** `rows` are those of one block. */
  add(rows: MarkedRows): void {
    const bits = this.#bitsOf(blockOf(rows.firstRow));
    rows.bits.forEach((byte, i) => bits[i] |= byte);
  }

  remove(rows: MarkedRows): void {
    const bits = this.#blocks.get(blockOf(rows.firstRow));
    if (bits !== undefined) rows.bits.forEach((byte, i) => bits[i] &= ~byte);
  }

  removeAll(other: RowSet): void {
    for (const [block, bits] of this.#blocks) {
      other.#blocks.get(block)?.forEach((byte, i) => bits[i] &= ~byte);
    }
  }

  /** Those of these rows that are in this set, too. */
  countAmong(rows: MarkedRows): number {
    const bits = this.#blocks.get(blockOf(rows.firstRow));
    return bits === undefined ? 0 : countBits(rows.bits.map((byte, i) => byte & bits[i]));
  }

  /** The rows that are in both sets. */
  and(other: RowSet): RowSet {
    const both = new RowSet();
    for (const [block, bits] of this.#blocks) {
      const others = other.#blocks.get(block);
      if (others !== undefined) both.#blocks.set(block, bits.map((byte, i) => byte & others[i]));
    }
    return both;
  }

  get size(): number {
    let size = 0;
    for (const bits of this.#blocks.values()) size += countBits(bits);
    return size;
  }

  /** How many come before this row. */
  countBefore(row: number): number {
    let count = 0;
    for (const [block, bits] of this.#blocks) {
      if (block + BLOCK_ROWS <= row) count += countBits(bits);
      else if (block < row) {
        for (let place = 0; block + place < row; place++) {
          if ((bits[place >> 3] & (0x80 >> (place & 7))) !== 0) count++;
        }
      }
    }
    return count;
  }

  /** In order, at most `limit`. `from`: how many of them come before the first. */
  list(limit = Infinity, from = 0): number[] {
    const rows: number[] = [];
    let skip = from;
    for (const [block, bits] of this.#inOrder()) {
      const count = skip === 0 ? 0 : countBits(bits);
      if (count > 0 && count <= skip) {
        skip -= count;
        continue;
      }
      for (let place = 0; place < BLOCK_ROWS; place++) {
        if ((bits[place >> 3] & (0x80 >> (place & 7))) === 0) continue;
        if (skip > 0) skip--;
        else if (rows.length >= limit) return rows;
        else rows.push(block + place);
      }
    }
    return rows;
  }

  /** Block by block, in order. Blocks without rows are left out. */
  *marks(): Generator<MarkedRows> {
    for (const [block, bits] of this.#inOrder()) {
      if (bits.some((byte) => byte !== 0)) yield markedRows(block, bits);
    }
  }

  #inOrder(): [number, Uint8Array][] {
    return [...this.#blocks].sort(([a], [b]) => a - b);
  }

  #bitsOf(block: number): Uint8Array {
    let bits = this.#blocks.get(block);
    if (bits === undefined) this.#blocks.set(block, bits = new Uint8Array(BLOCK_BYTES));
    return bits;
  }
}
