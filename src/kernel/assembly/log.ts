/**
 * Writes rows of the log (ledger/rows/rows.ts) in COPY's binary format: a row's place, its bytes and its
 * values. ../row_log.ts defines what a logged row is, and writes the unusual ones.
 */
import { FIELD_DOUBLED_QUOTES } from "../../source/field_flags";
import { Answer } from "./answer";
import { putBigint, putLength, putNull } from "./binary";
import { put, putPlain } from "./copy";
import { undouble } from "./field";
import { out, setOut } from "./output";
import { nextRecord } from "./reader";
import {
  at,
  delimiter,
  expectedFields,
  fieldCount,
  fieldEnds,
  fieldFlags,
  fieldStarts,
  foreign,
  readPiece,
} from "./source";
import { hasByte } from "./vectors";

/** Stands between two values: a control character that hardly any value has in it. */
const SEPARATOR: u8 = 31;

/** The beginning of each row: its number of columns, and the run. */
let openingStart: usize = 0;
let openingEnd: usize = 0;
/** A record that holds nothing but its values and delimiters need not be written twice. */
let splitsRecords: bool = true;
/** The word for the row's outcome, as a column. */
let statusStart: usize = 0;
let statusEnd: usize = 0;

/** Sets the beginning of each row, and whether Postgres may split records into their values. */
export function setLog(opening: usize, openingLength: u32, mayBeSplit: bool): void {
  openingStart = opening;
  openingEnd = opening + openingLength;
  splitsRecords = mayBeSplit;
}

/** Sets the outcome of the rows that are written next: a word, as a column. */
export function setStatus(status: usize, statusLength: u32): void {
  statusStart = status;
  statusEnd = status + statusLength;
}

/**
 * Writes a row; if it `failed`, without the last column, its errors. Returns false, with nothing
 * written, if the record between `start` and `end` is unusual: the caller must write it.
 */
export function logRow(start: usize, end: usize, row: f64, line: f64, failed: bool): bool {
  if (foreign) return false;
  readPiece(start, end, true);
  if (nextRecord() != Answer.record || at != end || fieldCount != expectedFields) return false;
  // Postgres splits a text without a character into no value at all.
  if (fieldCount == 1 && load<u32>(fieldStarts) == load<u32>(fieldEnds)) return false;
  const isSplit = splitsRecords && hasOnlyValues(start, end);
  if (!isSplit && hasByte(start, end, i8x16.splat(SEPARATOR))) return false;
  putPlain(openingStart, openingEnd);
  putBigint(<i64> row);
  putBigint(<i64> line);
  putPlain(statusStart, statusEnd);
  putLength(<u32> (end - start));
  putPlain(start, end);
  putLength(1);
  if (isSplit) {
    put(delimiter);
    putNull();
  } else {
    put(SEPARATOR);
    putValues();
  }
  // Its data.
  putNull();
  if (!failed) putNull();
  return true;
}

/** Is the record its values and the delimiters between them, without quotes and blanks around? */
function hasOnlyValues(start: usize, end: usize): bool {
  let next = start;
  for (let i: u32 = 0; i < fieldCount; i++) {
    if (load<u32>(fieldStarts + (i << 2)) != <u32> next) return false;
    next = load<u32>(fieldEnds + (i << 2)) + 1;
  }
  return next == end + 1;
}

/** Writes the values as a column, with separators between them. */
function putValues(): void {
  const length = out;
  setOut(length + 4);
  for (let i: u32 = 0; i < fieldCount; i++) {
    if (i > 0) put(SEPARATOR);
    const from: usize = load<u32>(fieldStarts + (i << 2));
    const to: usize = load<u32>(fieldEnds + (i << 2));
    if ((<i32> load<u8>(fieldFlags + i) & FIELD_DOUBLED_QUOTES) == 0) putPlain(from, to);
    else setOut(undouble(from, to, out));
  }
  store<u32>(length, bswap<u32>(<u32> (out - length - 4)));
}
