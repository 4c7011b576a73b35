/**
 * Turns records into rows for COPY, in its text format or its binary one, as far as it can without
 * the caller.
 */
import { Answer } from "./answer";
import { putColumnCount } from "./binary";
import { Column } from "./column";
import { put } from "./copy";
import { binary, out, setBinary, setOut, setValueLimit, valueLimit } from "./output";
import { forgetAll, forgetMissed, recall } from "./recall";
import { writePlainColumns } from "./plain";
import { nextRecord } from "./reader";
import { capacity, clearRecords, count, keep, setPlaces } from "./records";
import { recordEnd, recordLine, recordStart } from "./source";
import { writeColumn } from "./write";

const TAB: u8 = 9, LF: u8 = 10;

/** The number of records that have a row. */
export let good: u32 = 0;
/** The record that is being written has failed: nothing of its row will be kept. */
export let failed: bool = false;

/** Which records have a row, and where their rows end (u32 each). */
let goodList: usize = 0;
let endList: usize = 0;

/** The columns to be written (Column, one after the other), and how many there are. */
let columnList: usize = 0;
let columnTotal: u32 = 0;
/** How many times a record's length its row may have, and how many bytes more. */
let growth: u32 = 0;
let spareBytes: u32 = 0;

/** Where the first row begins, and the limit of the room for rows. */
let outStart: usize = 0;
let outLimit: usize = 0;

/** Whether a record is being written, which column is next, and where its row begins. */
let open: bool = false;
let column: u32 = 0;
let rowStart: usize = 0;

/**
 * Sets the lists of a batch, with room for `room` records: the place of each (Place); which ones
 * have a row, and where these rows end (u32 each).
 */
export function setLists(places: usize, goodRecords: usize, rowEnds: usize, room: u32): void {
  setPlaces(places, room);
  goodList = goodRecords;
  endList = rowEnds;
}

/**
 * Begins to write rows of these columns (Column, one after the other) at `start`. `rowGrowth`: how
 * many times its record's length a row may have. `spare`: how many bytes it may need besides, for
 * separators, constants and a vector.
 */
export function beginRows(
  columns: usize,
  columnCount: u32,
  rowGrowth: u32,
  spare: u32,
  isBinary: bool,
  start: usize,
): void {
  columnList = columns;
  columnTotal = columnCount;
  growth = rowGrowth;
  spareBytes = spare;
  setBinary(isBinary);
  setOut(start);
  outStart = start;
  good = 0;
  open = false;
  clearRecords();
  for (let c: u32 = 0; c < columnTotal; c++) describedColumn(c).asks = false;
}

/** Asks the caller for each value of the column, in this batch. */
export function askAlways(column: u32): void {
  describedColumn(column).asks = true;
}

/** Nothing that was written for the column before is recalled. */
export function forgetColumn(column: u32): void {
  const description = describedColumn(column);
  if (description.recall != 0) forgetAll(description.recall);
}

// @ts-ignore: decorator
@inline
function describedColumn(column: u32): Column {
  return changetype<Column>(columnList + column * offsetof<Column>());
}

/** Sets where the room for rows ends. */
export function setRoom(limit: usize): void {
  outLimit = limit;
}

/**
 * Continues until the caller has to do something. Answer.column: call `takeColumn`, and write that
 * column or call `failRecord`. Answer.unusual: call `takeRecord` and, after writing a row,
 * `addRow`. Answer.full: call `setRoom`.
 */
export function encode(): Answer {
  let read = Answer.record;
  while (read == Answer.record) {
    if (!open) {
      read = nextRecord();
      if (read != Answer.record || !keep(recordStart, recordEnd, recordLine)) continue;
      if (count > capacity) return Answer.tooMany;
      open = true;
      column = 0;
      failed = false;
      rowStart = out;
      if (binary) putColumnCount(columnTotal);
    }
    // For the rest of the row, whichever column is next.
    const most = growth * (recordEnd - recordStart) + spareBytes;
    if (out + most > outLimit) return Answer.full;
    setValueLimit(outLimit - most);
    for (; column < columnTotal; column++) {
      column = writePlainColumns(columnList, column, columnTotal);
      if (column == columnTotal) break;
      if (!binary && column > 0) put(TAB);
      const description = describedColumn(column);
      if (!writeColumn(description) && !recalls(description)) return Answer.column;
    }
    endRow();
  }
  return read;
}

function recalls(column: Column): bool {
  if (column.recall != 0 && !column.asks && out < valueLimit) {
    return recall(column.recall, valueLimit - out);
  }
  forgetMissed();
  return false;
}

/** Returns the column that the caller must write. The kernel continues after it. */
export function takeColumn(): u32 {
  return column++;
}

/** Marks the record as failed: its row will not be kept. */
export function failRecord(): void {
  failed = true;
}

function endRow(): void {
  open = false;
  if (failed) {
    setOut(rowStart);
    return;
  }
  if (!binary) put(LF);
  addRow();
}

/** Adds the row of the record listed last; the row ends at `out`. */
export function addRow(): void {
  store<u32>(goodList + (good << 2), count - 1);
  store<u32>(endList + (good << 2), <u32> (out - outStart));
  good++;
}
