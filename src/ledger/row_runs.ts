/**
 * Row numbers as runs of rows that follow one another: `[first, last, first, last, …]`. A group of
 * errors keeps its rows like that, in 2 to 4 bytes a run, whether it has all rows of a batch or a few
 * rows far apart.
 */

/** Adds a row. Costs a comparison, if it follows the one before. */
export function addRow(runs: number[], row: number): void {
  const last = runs.length - 1;
  if (runs[last] === row - 1) runs[last] = row;
  else runs.push(row, row);
}

/** The same rows in order, each once. */
export function inOrder(runs: readonly number[]): readonly number[] {
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
  const bytes: number[] = [];
  let before = 0;
  for (let i = 0; i < runs.length; i += 2) {
    pack(bytes, runs[i] - before);
    pack(bytes, runs[i + 1] - runs[i]);
    before = runs[i + 1];
  }
  return Uint8Array.from(bytes);
}

/** Row numbers may have more than 32 bits. */
function pack(bytes: number[], value: number): void {
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  bytes.push(value);
}

export function unpackRuns(bytes: Uint8Array): number[] {
  const runs: number[] = [];
  let [before, value, unit] = [0, 0, 1];
  for (const byte of bytes) {
    value += byte % 128 * unit;
    unit *= 128;
    if (byte > 127) continue;
    runs.push(before += value);
    [value, unit] = [0, 1];
  }
  return runs;
}
