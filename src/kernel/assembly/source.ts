/** The source's format, the piece of it that is read, and the record that was read last. */
import { forgetBlock } from "./block";
import { noJson } from "./json_paths";
import { noLines } from "./line_formats";
import { VECTOR } from "./vectors";

const SPACE: i32 = 32;

/** The bytes that end fields and records. */
export let delimiter: u8 = 44;
export let newline: u8 = 10;
/** The byte that encloses fields; -1 if there is none. */
export let quote: i32 = 34;
/** Blanks outside quotes are no data, and any number of CRs may come before a line end. */
export let tolerant: bool = false;
/** Rows of delimiters and blanks only are no records. */
export let skipsEmptyRows: bool = false;
/** Missing fields at a row's end are empty, and surplus ones are dropped if they are. */
export let fillsRows: bool = false;
/** The byte with which a comment begins; -1 if there are none. */
export let commentMark: i32 = -1;
/** A line that is no record begins with a byte up to this one, or with a delimiter. */
export let highestSkipped: u8 = 0;
/**
 * The records are no delimited text: they are JSON (json_paths.ts), lines of another form
 * (line_formats.ts), or left to the caller.
 */
export let foreign: bool = false;
/** How many fields the header has. The ranges of this many are kept; others are only counted. */
export let expectedFields: u32 = 0;
/** Longer records are left to the caller. */
export let maxRecordBytes: u32 = 0;
/** Leave all records that can't be rows to the caller; if false, only those without a clear end. */
export let strict: bool = true;

/** The next byte to read, where the bytes end, and whether the source also ends there. */
export let at: usize = 0;
export let limit: usize = 0;
export let final: bool = true;
/** Physical lines before that byte, in this piece. */
export let lines: u32 = 0;

/** How many rows without values, and how many comments, were skipped in this piece. */
export let emptyRows: u32 = 0;
export let comments: u32 = 0;
/** How many rows had too few fields, or empty surplus ones, and were made to fit. */
export let fittedRows: u32 = 0;

/** The record that was read last: its bytes without the line end, and the lines before it. */
export let recordStart: usize = 0;
export let recordEnd: usize = 0;
export let recordLine: u32 = 0;
export let fieldCount: u32 = 0;
/** Where its fields begin and end (u32 each), and their flags (u8 each, source/field_flags.ts). */
export let fieldStarts: usize = 0;
export let fieldEnds: usize = 0;
export let fieldFlags: usize = 0;

/**
 * Sets the source's format. `delimiterByte`: 0 if its records are not delimited text; then all are
 * left to the caller. `fields`: how many the header has. `fieldLists`: room for the lists of a
 * record's fields (Size.field for each). The kernel leaves records to the caller that are longer
 * than `maxBytes` or have no clear end and, if `isStrict`, all others that can't be rows.
 */
export function setSource(
  delimiterByte: u8,
  newlineByte: u8,
  quoteByte: i32,
  isTolerant: bool,
  skipEmptyRows: bool,
  fillRows: bool,
  commentByte: i32,
  fields: u32,
  fieldLists: usize,
  maxBytes: u32,
  isStrict: bool,
): void {
  delimiter = delimiterByte;
  foreign = delimiterByte == 0;
  noJson();
  noLines();
  newline = newlineByte;
  quote = quoteByte;
  tolerant = isTolerant;
  skipsEmptyRows = skipEmptyRows;
  fillsRows = fillRows;
  commentMark = commentByte;
  // Line ends and blanks are below.
  highestSkipped = <u8> max(SPACE, commentByte);
  expectedFields = fields;
  fieldStarts = fieldLists;
  fieldEnds = fieldStarts + (fields << 2);
  fieldFlags = fieldEnds + (fields << 2);
  maxRecordBytes = maxBytes;
  strict = isStrict;
}

/** Begins with the first record from `start` on. `isFinal`: the source ends at `end`. */
export function readPiece(start: usize, end: usize, isFinal: bool): void {
  at = start;
  lines = 0;
  emptyRows = 0;
  comments = 0;
  fittedRows = 0;
  readUntil(end, isFinal);
}

/** Extends the piece to `end`. */
export function readUntil(end: usize, isFinal: bool): void {
  limit = end;
  final = isFinal;
  forgetBlock();
}

// AssemblyScript can't assign to what it imports.

export function moveTo(next: usize): void {
  at = next;
}

export function setLines(passed: u32): void {
  lines = passed;
}

export function countLines(more: u32): void {
  lines += more;
}

export function countEmptyRow(): void {
  emptyRows++;
}

export function countComment(): void {
  comments++;
}

export function countFittedRow(): void {
  fittedRows++;
}

export function beginRecord(start: usize): void {
  recordStart = start;
  recordLine = lines;
  // The reader sets only those that aren't 0.
  for (let i: u32 = 0; i < expectedFields; i += <u32> VECTOR) {
    v128.store(fieldFlags + i, i8x16.splat(0));
  }
}

export function endRecord(end: usize, fields: u32): void {
  recordEnd = end;
  fieldCount = fields;
}
