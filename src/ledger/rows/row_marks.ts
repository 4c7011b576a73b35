/**
 * Marks say what became of rows that a retry has tried: one mark for up to 1,024 of them. A row is
 * in one mark at most.
 */

/** The rows of a mark have numbers from one multiple of this up to the next. */
export const BLOCK_ROWS = 1024;

/** Rows of one block. */
export interface MarkedRows {
  readonly firstRow: number;
  readonly lastRow: number;
  /** Which rows of the block. The highest bit of the first byte is the block's first row. */
  readonly bits: Uint8Array;
}

export interface RowMark extends MarkedRows {
  /** The retry that has tried the rows last, and whether they are in the table since then. */
  readonly by: number;
  readonly resolved: boolean;
}

/** The first row number of the row's block. */
export function blockOf(row: number): number {
  return row - row % BLOCK_ROWS;
}

/** Marks for rows in any order. */
export function marksOf(rows: readonly number[], by: number, resolved: boolean): RowMark[] {
  const blocks = new Map<number, Uint8Array<ArrayBuffer>>();
  let [known, bits] = [NaN, new Uint8Array(0)];
  for (const row of rows) {
    const block = blockOf(row);
    // Rows of a block mostly follow one another.
    if (block !== known) {
      bits = blocks.get(block) ?? new Uint8Array(BLOCK_ROWS / 8);
      blocks.set(known = block, bits);
    }
    const place = row - block;
    bits[place >> 3] |= 0x80 >> (place & 7);
  }
  return Array.from(blocks, ([block, bits]) => markOf(block, bits, by, resolved));
}

function markOf(block: number, bits: Uint8Array, by: number, resolved: boolean): RowMark {
  return { ...markedRows(block, bits), by, resolved };
}

/** `bits`: not all are 0. */
export function markedRows(block: number, bits: Uint8Array): MarkedRows {
  const first = bits.findIndex((byte) => byte !== 0);
  const last = bits.findLastIndex((byte) => byte !== 0);
  return {
    firstRow: block + 8 * first + Math.clz32(bits[first]) - 24,
    lastRow: block + 8 * last + Math.clz32(bits[last] & -bits[last]) - 24,
    bits,
  };
}

export interface MarkChanges {
  /** How many of the tried rows belong to another retry: it has fixed them, or is a later one. */
  readonly taken: number;
  /** Known marks that no longer hold, and those that replace them. */
  readonly dropped: readonly RowMark[];
  readonly added: readonly RowMark[];
}

/**
 * What changes when the retry `by` has tried the rows of `tried`. `known`: the marks of the same
 * blocks that there are already.
 */
export function replaceMarks(
  known: readonly RowMark[],
  tried: readonly RowMark[],
  by: number,
): MarkChanges {
  let taken = 0;
  const dropped: RowMark[] = [];
  const added = [...tried];
  for (const mark of known) {
    const block = blockOf(mark.firstRow);
    const left = mark.bits.slice();
    for (const { firstRow, bits } of tried) {
      if (blockOf(firstRow) === block) left.forEach((byte, i) => left[i] = byte & ~bits[i]);
    }
    const tries = countBits(mark.bits) - countBits(left);
    if (tries === 0) continue;
    if (mark.resolved || mark.by > by) {
      taken += tries;
      continue;
    }
    dropped.push(mark);
    if (left.some((byte) => byte !== 0)) added.push(markOf(block, left, mark.by, mark.resolved));
  }
  return { taken, dropped, added };
}

export function countBits(bytes: Uint8Array): number {
  let count = 0;
  for (let byte of bytes) {
    for (; byte !== 0; byte &= byte - 1) count++;
  }
  return count;
}
