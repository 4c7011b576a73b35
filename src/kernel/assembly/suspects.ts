/**
 * Looks for quoted values that hold rows: a stray quote swallows everything up to the next one.
 * ../../source/csv/swallowed_rows.ts defines what such a record looks like.
 */
import { delimiter, expectedFields, newline } from "./source";

const COMMA: u8 = 44;

/** How many such records were read, and the lines before the first. */
export let suspects: u32 = 0;
export let suspectLine: u32 = 0;

export function clearSuspects(): void {
  suspects = 0;
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
  for (let i = start; i <= end; i++) {
    const byte: u8 = i < end ? load<u8>(i) : newline;
    if (byte == delimiter) fields++;
    if (byte != newline) continue;
    if (fields != expectedFields) return false;
    fields = 1;
    lines++;
  }
  return lines >= (delimiter == COMMA ? 3 : 2);
}
