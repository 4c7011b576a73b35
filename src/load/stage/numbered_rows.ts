/** Rows for the stage, each with its position as its first column. */
import type { Session } from "../../db/session.ts";
import type { CopyFormat } from "../../row/copy_format.ts";
import { type EncodedRows, slice } from "../encoded_rows.ts";

export interface NumberedRows {
  readonly format: CopyFormat;
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
}

/**
 * Reused for each batch, because new buffers kept the garbage collector busy. Each session has its
 * own: it does one thing at a time, so bytes that are being sent don't change.
 */
const buffers = new WeakMap<Session, Uint8Array>();

/** A buffer large enough for the rows and their positions. */
export function numberedBuffer(session: Session, rows: EncodedRows): Uint8Array {
  const most = Math.max(BINARY_POSITION, String(rows.count).length + 1);
  const needed = rows.ends[rows.count - 1] + rows.count * most;
  let bytes = buffers.get(session);
  if (bytes === undefined || bytes.length < needed) {
    bytes = new Uint8Array(needed);
    buffers.set(session, bytes);
  }
  return bytes;
}

/**
 * Numbers the rows in the given order. The result is valid until the session numbers other rows.
 */
export function numberedRows(
  session: Session,
  rows: EncodedRows,
  order: Int32Array,
): NumberedRows {
  const bytes = numberedBuffer(session, rows);
  const number = rows.format === "binary" ? numberBinaryRow : numberLine;
  const ends = new Int32Array(order.length);
  let at = 0;
  for (let position = 0; position < order.length; position++) {
    const row = order[position];
    at = number(bytes, at, position, slice(rows, row, row + 1));
    ends[position] = at;
  }
  return { format: rows.format, bytes: bytes.subarray(0, at), ends };
}

function numberBinaryRow(
  target: Uint8Array,
  at: number,
  position: number,
  row: Uint8Array,
): number {
  const values = beginBinaryRow(target, at, (row[0] << 8 | row[1]) + 1, position);
  target.set(row.subarray(2), values);
  return values + row.length - 2;
}

function numberLine(target: Uint8Array, at: number, position: number, line: Uint8Array): number {
  const values = beginLine(target, at, position);
  target.set(line, values);
  return values + line.length;
}

/** The bytes of an int4 as a binary column: its length, then its value. */
const BINARY_POSITION = 8;

/**
 * Writes the number of columns and the first of them, the position. Returns where the others go.
 */
export function beginBinaryRow(
  target: Uint8Array,
  at: number,
  columns: number,
  position: number,
): number {
  target[at] = columns >> 8;
  target[at + 1] = columns;
  target[at + 2] = target[at + 3] = target[at + 4] = 0;
  target[at + 5] = 4;
  for (let i = 0; i < 4; i++) target[at + 6 + i] = position >> (8 * (3 - i));
  return at + 2 + BINARY_POSITION;
}

const TAB = 9, ZERO = 48;

/** Writes the position in decimal and a tab. Returns where the other columns go. */
export function beginLine(target: Uint8Array, at: number, position: number): number {
  let digits = 1;
  for (let rest = position; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  const tab = at + digits;
  for (let i = tab - 1, rest = position; i >= at; i--, rest = Math.floor(rest / 10)) {
    target[i] = ZERO + rest % 10;
  }
  target[tab] = TAB;
  return tab + 1;
}
