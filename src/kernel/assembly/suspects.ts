/**
 * Looks for records that may be no rows: quoted values that hold rows, because a stray quote swallows
 * everything up to the next one (../../source/csv/swallowed_rows.ts defines what such a record looks
 * like), and repeated headers.
 */
import { delimiter, expectedFields, newline } from "./source";

const COMMA: u8 = 44;

/** How many such records were read, and the lines before the first. */
export let suspects: u32 = 0;
export let suspectLine: u32 = 0;

/** The header as it is in the source; 0 bytes if it is not looked for. */
let header: usize = 0;
let headerLength: usize = 0;
/** How many records repeat it, and the lines before the first. */
export let repeats: u32 = 0;
export let repeatLine: u32 = 0;

export function setHeader(place: usize, length: u32): void {
  header = place;
  headerLength = length;
}

export function clearSuspects(): void {
  suspects = 0;
  repeats = 0;
}

/** Judges any record: is it the header once more, where files were joined? */
export function judgeRecord(start: usize, end: usize, before: u32): void {
  if (end - start != headerLength || headerLength == 0) return;
  if (memory.compare(start, header, headerLength) != 0) return;
  if (repeats == 0) repeatLine = before;
  repeats++;
}

/** Judges a record that has line breaks inside; there are `before` lines before it. */
export function judgeLines(start: usize, end: usize, before: u32): void {
  if (!holdsRows(start, end)) return;
  if (suspects == 0) suspectLine = before;
  suspects++;
}

function holdsRows(start: usize, end: usize): bool {
  if (expectedFields < 2) return false;
  let lines: u32 = 0;
  let fields: u32 = 1;
  let numbers: u32 = 0;
  let lineStart = start;
  for (let i = start; i <= end; i++) {
    const byte: u8 = i < end ? load<u8>(i) : newline;
    if (byte == delimiter) fields++;
    if (byte != newline) continue;
    if (fields != expectedFields) return false;
    if (beginsWithNumber(lineStart, i)) numbers++;
    lineStart = i + 1;
    fields = 1;
    lines++;
  }
  return lines >= (delimiter == COMMA ? 3 : 2) || (lines == 2 && numbers == 2);
}

function beginsWithNumber(start: usize, end: usize): bool {
  let i = start;
  while (i < end && load<u8>(i) >= 48 && load<u8>(i) <= 57) i++;
  return i > start && i < end && load<u8>(i) == delimiter;
}
