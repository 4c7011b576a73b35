/**
 * Row numbers as runs of rows that follow one another: `[first, last, first, last, …]`. A group of
 * errors keeps its rows like that, in 2 to 4 bytes a run, whether it has all rows of a batch or a few
 * rows far apart.
 */

/**
 * Collects the rows of a group, packed as they come: of a batch whose rows all fail, ten thousand
 * runs, which would be lists that grow for each of its groups.
 */
export class RunPacker {
  readonly #packed = new ByteList();
  /** Where the last run ends that is packed. */
  #before = 0;
  /** The run that the next row may belong to; 0 if there is none. */
  #first = 0;
  #last = 0;
  /** Runs of rows that came after later ones. */
  readonly #late: number[] = [];

  add(row: number): void {
    if (row <= this.#last) return addRow(this.#late, row);
    if (row > this.#last + 1 || this.#first === 0) {
      this.#pack();
      this.#first = row;
    }
    this.#last = row;
  }

  #pack(): void {
    if (this.#first === 0) return;
    pack(this.#packed, this.#first - this.#before);
    pack(this.#packed, this.#last - this.#first);
    this.#before = this.#last;
  }

  /** All rows that were added, in order, each once. */
  end(): Uint8Array {
    this.#pack();
    this.#first = 0;
    const packed = this.#packed.bytes();
    if (this.#late.length === 0) return packed;
    return packRuns(inOrder([...unpackRuns(packed), ...this.#late]));
  }

  /** The greatest row. */
  get last(): number {
    return this.#last;
  }
}

/** Bytes whose memory grows. */
class ByteList {
  #bytes = new Uint8Array(64);
  #length = 0;

  push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(4 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Adds a row. Costs a comparison, if it follows the one before. */
function addRow(runs: number[], row: number): void {
  const last = runs.length - 1;
  if (runs[last] === row - 1) runs[last] = row;
  else runs.push(row, row);
}

/** The same rows in order, each once. */
function inOrder(runs: readonly number[]): readonly number[] {
  let ordered = true;
  for (let i = 2; ordered && i < runs.length; i += 2) ordered = runs[i] > runs[i - 1];
  if (ordered) return runs;
  const pairs = Array.from({ length: runs.length / 2 }, (_, i) => [runs[2 * i], runs[2 * i + 1]]);
  pairs.sort(([a], [b]) => a - b);
  const merged: number[] = [];
  for (const [first, last] of pairs) {
    const end = merged.length - 1;
    if (end > 0 && first <= merged[end] + 1) merged[end] = Math.max(merged[end], last);
    else merged.push(first, last);
  }
  return merged;
}

/** The first rows of runs that are in order. */
export function firstRows(runs: readonly number[], limit: number): number[] {
  const rows: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    for (let row = runs[i]; row <= runs[i + 1]; row++) {
      if (rows.length === limit) return rows;
      rows.push(row);
    }
  }
  return rows;
}

/**
 * For runs that are in order: of each, how far it begins behind the end of the one before, and how
 * many rows it has besides the first, as numbers of seven bits a byte, the lowest first.
 */
export function packRuns(runs: readonly number[]): Uint8Array {
  const bytes = new ByteList();
  let before = 0;
  for (let i = 0; i < runs.length; i += 2) {
    pack(bytes, runs[i] - before);
    pack(bytes, runs[i + 1] - runs[i]);
    before = runs[i + 1];
  }
  return bytes.bytes();
}

/** Row numbers may have more than 32 bits. */
function pack(bytes: ByteList, value: number): void {
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  bytes.push(value);
}

/** `limit`: no more runs than so many. */
export function unpackRuns(bytes: Uint8Array, limit = Infinity): number[] {
  const runs: number[] = [];
  let [before, value, unit] = [0, 0, 1];
  for (const byte of bytes) {
    value += byte % 128 * unit;
    unit *= 128;
    if (byte > 127) continue;
    runs.push(before += value);
    [value, unit] = [0, 1];
    if (runs.length === 2 * limit) break;
  }
  return runs;
}
