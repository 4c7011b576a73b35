/** Copies some columns of the rows for the stage. Each row's position becomes its first column. */
import type { Session } from "../../db/session.ts";
import { beginBinaryRow, beginLine, numberedBuffer, type NumberedRows } from "./numbered_rows.ts";
import type { EncodedRows } from "../encoded_rows.ts";

/** How a column is used. */
const LEFT_OUT = 0, TAKEN = 1, REQUIRED = 2;
/** Returned in place of the row's end if a required value is NULL. */
const MISSING = -1;

/**
 * Takes the columns `taken` of each row (numbers from 0, ascending). Null if any value in the
 * columns `required` is NULL. The result is valid until the session numbers other rows.
 */
export function numberedColumns(
  session: Session,
  rows: EncodedRows,
  taken: readonly number[],
  required: readonly number[],
): NumberedRows | null {
  const uses = new Uint8Array(Math.max(-1, ...taken, ...required) + 1).fill(LEFT_OUT);
  for (const column of required) uses[column] = REQUIRED;
  for (const column of taken) uses[column] = TAKEN;
  const bytes = numberedBuffer(session, rows);
  const ends = new Int32Array(rows.count);
  let at = 0;
  for (let row = 0; row < rows.count; row++) {
    const start = row === 0 ? 0 : rows.ends[row - 1];
    if (rows.format === "binary") {
      const values = beginBinaryRow(bytes, at, taken.length + 1, row);
      at = cutBinaryRow(rows.bytes, start, uses, bytes, values);
    } else {
      at = cutLine(rows.bytes, start, uses, bytes, beginLine(bytes, at, row));
    }
    if (at === MISSING) return null;
    ends[row] = at;
  }
  return { format: rows.format, bytes: bytes.subarray(0, at), ends };
}

function cutBinaryRow(
  source: Uint8Array,
  start: number,
  uses: Uint8Array,
  target: Uint8Array,
  at: number,
): number {
  let from = start + 2;
  for (let column = 0; column < uses.length; column++) {
    const length = source[from] << 24 | source[from + 1] << 16 | source[from + 2] << 8 |
      source[from + 3];
    const to = from + 4 + Math.max(length, 0);
    if (uses[column] === TAKEN) {
      for (let i = from; i < to; i++) target[at++] = source[i];
    } else if (uses[column] === REQUIRED && length < 0) return MISSING;
    from = to;
  }
  return at;
}

const TAB = 9, LINE_FEED = 10, BACKSLASH = 92, LETTER_N = 78;

function cutLine(
  source: Uint8Array,
  start: number,
  uses: Uint8Array,
  target: Uint8Array,
  at: number,
): number {
  let from = start;
  for (let column = 0; column < uses.length; column++) {
    let to = from;
    while (source[to] !== TAB && source[to] !== LINE_FEED) to++;
    if (uses[column] === TAKEN) {
      for (let i = from; i < to; i++) target[at++] = source[i];
      target[at++] = TAB;
    } else if (
      uses[column] === REQUIRED && source[from] === BACKSLASH && source[from + 1] === LETTER_N
    ) return MISSING;
    from = to + 1;
  }
  // This replaces the last tab.
  target[at - 1] = LINE_FEED;
  return at;
}
