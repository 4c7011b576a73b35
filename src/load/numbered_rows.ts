/** Rows for the stage: each with its position as its first column. */
import type { Session } from "../db/session.ts";
import type { CopyFormat } from "../row/copy_format.ts";
import { type EncodedRows, slice } from "./rows.ts";

export interface NumberedRows {
  readonly format: CopyFormat;
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
}

/**
 * Used again for each batch: made anew, it kept the garbage collector busy. One for each session,
 * which does one thing at a time: what is being sent must not change.
 */
const buffers = new WeakMap<Session, Uint8Array>();

/** An int4 as a binary column: its length, and itself. */
const BINARY_POSITION = 8;

/** In the given order; valid until the session's next. */
export function numberedRows(
  session: Session,
  rows: EncodedRows,
  order: Int32Array,
): NumberedRows {
  const isBinary = rows.format === "binary";
  const most = isBinary ? BINARY_POSITION : String(rows.count).length + 1;
  const needed = rows.ends[rows.count - 1] + rows.count * most;
  let bytes = buffers.get(session);
  if (bytes === undefined || bytes.length < needed) {
    bytes = new Uint8Array(needed);
    buffers.set(session, bytes);
  }
  const number = isBinary ? numberBinaryRow : numberLine;
  const ends = new Int32Array(rows.count);
  let at = 0;
  for (let position = 0; position < rows.count; position++) {
    const row = order[position];
    at = number(bytes, at, position, slice(rows, row, row + 1));
    ends[position] = at;
  }
  return { format: rows.format, bytes: bytes.subarray(0, at), ends };
}

/** Behind how many columns it has. Returns where the row ends. */
function numberBinaryRow(
  target: Uint8Array,
  at: number,
  position: number,
  row: Uint8Array,
): number {
  const columns = (row[0] << 8 | row[1]) + 1;
  target[at] = columns >> 8;
  target[at + 1] = columns;
  target[at + 2] = target[at + 3] = target[at + 4] = 0;
  target[at + 5] = 4;
  for (let i = 0; i < 4; i++) target[at + 6 + i] = position >> (8 * (3 - i));
  target.set(row.subarray(2), at + 2 + BINARY_POSITION);
  return at + BINARY_POSITION + row.length;
}

const TAB = 9, ZERO = 48;

/** Before a line of the text format, in decimal. Returns where the line ends. */
function numberLine(target: Uint8Array, at: number, position: number, line: Uint8Array): number {
  let digits = 1;
  for (let rest = position; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  const tab = at + digits;
  for (let i = tab - 1, rest = position; i >= at; i--, rest = Math.floor(rest / 10)) {
    target[i] = ZERO + rest % 10;
  }
  target[tab] = TAB;
  target.set(line, tab + 1);
  return tab + 1 + line.length;
}
