/** The order in which rows that share a key are applied. */
import { type EncodedRows, type LoadedRows, UNDECIDED, WAITING } from "../encoded_rows.ts";

export interface LevelOrder {
  /** The row at each position. */
  readonly rows: Int32Array;
  /** A range of positions for each level, in the order in which the levels are applied. */
  readonly levels: readonly (readonly [number, number])[];
}

export function byLevel(rows: EncodedRows): LevelOrder {
  const order = Int32Array.from({ length: rows.count }, (_, row) => row);
  const { levels } = rows;
  if (levels === null) return { rows: order, levels: [[0, rows.count]] };
  order.sort((a, b) => levels[a] - levels[b] || a - b);
  const ranges: [number, number][] = [];
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && levels[order[end]] === levels[order[start]]) end++;
    ranges.push([start, end]);
    start = end;
  }
  return { rows: order, levels: ranges };
}

/**
 * If a row waits for a later phase, later rows that share a key with it must wait too. Otherwise
 * they would be applied before it. Returns the positions of those that must, in one level.
 */
export function holdBack(
  rows: EncodedRows,
  loaded: LoadedRows,
  order: Int32Array,
  start: number,
  end: number,
): readonly number[] {
  const held: number[] = [];
  for (let position = start; position < end; position++) {
    const row = order[position];
    const waits = rows.after.get(row)?.some((earlier) => loaded.outcomes[earlier] === WAITING);
    if (!waits || loaded.outcomes[row] !== UNDECIDED) continue;
    loaded.outcomes[row] = WAITING;
    held.push(position);
  }
  return held;
}
