/**
 * Records to rows for COPY, in its text format or its binary one, as many as it can without the
 * caller. When it returns
 * COLUMN, the caller writes that column or fails the record, and calls `encode` again.
 */
import { Column } from "./column";
import { putColumnCount } from "./binary";
import { put } from "./copy";
import { nextRecord, RECORD } from "./reader";
import { capacity, count, keep } from "./records";
import {
  binary,
  columnCount,
  columns,
  out,
  outLimit,
  recordEnd,
  recordLine,
  recordStart,
  setOut,
} from "./state";
import { writeColumn } from "./write";

/** Besides END, INCOMPLETE and UNUSUAL (reader.ts): column number `column` is the caller's. */
const COLUMN: i32 = 4;
/** There is no room for the record's row. */
const FULL: i32 = 5;
/** There are more records than there is room for in the lists. */
const TOO_MANY: i32 = 6;

const TAB: u8 = 9, LF: u8 = 10;

/** How many records have a row, which they are, and where their rows end (u32 each). */
export let good: u32 = 0;
export let goodRecords: usize = 0;
export let rowEnds: usize = 0;
/** A record is being written, which column is next, and whether it has failed. */
export let open: bool = false;
export let column: u32 = 0;
export let failed: bool = false;
/** Where its row begins, and where the first one does. */
export let rowStart: usize = 0;
export let outStart: usize = 0;
/** What a row may need beyond twice its record: separators, constants, room for a vector. */
export let spare: u32 = 0;

export function encode(): i32 {
  let read = RECORD;
  while (read == RECORD) {
    if (!open) {
      read = nextRecord();
      if (read != RECORD || !keep(recordStart, recordEnd, recordLine)) continue;
      if (count > capacity) return TOO_MANY;
      open = true;
      column = 0;
      failed = false;
      rowStart = out;
      if (binary) putColumnCount(columnCount);
    }
    if (out + 2 * (recordEnd - recordStart) + spare > outLimit) return FULL;
    for (; column < columnCount; column++) {
      if (!binary && column > 0) put(TAB);
      if (!writeColumn(changetype<Column>(columns + column * offsetof<Column>()))) return COLUMN;
    }
    endRow();
  }
  return read;
}

function endRow(): void {
  open = false;
  if (failed) {
    setOut(rowStart);
    return;
  }
  if (!binary) put(LF);
  store<u32>(goodRecords + (good << 2), count - 1);
  store<u32>(rowEnds + (good << 2), <u32> (out - outStart));
  good++;
}
