/** What comes before the header: skipped lines, and Excel's `sep=;`. */
import { utf8Marks } from "../encoding/encoding.ts";
import type { CsvFormat } from "./csv_format.ts";
import { findByte, newlineByte } from "./dialect.ts";

export interface Preamble {
  /** Where the header begins: byte offset, and physical line from 1. */
  readonly start: number;
  readonly line: number;
  /** What a line `sep=;` says. */
  readonly delimiter: string | null;
}

/** The longest line that says what the delimiter is: `"sep=;"` with a CR. */
const SEP_LINE = /^"?sep=([^\p{L}\p{N}"\r\n])"?\r?$/iu;
const LONGEST_SEP_LINE = 12;

/**
 * Passes byte order marks and `skipLines` physical lines. A line `sep=;` at the very beginning is
 * one of them, and is passed even if none is to be skipped. Null if the bytes end there or earlier.
 */
export function readPreamble(
  bytes: Uint8Array,
  newline: CsvFormat["newline"],
  bomBytes: number,
  skipLines: number,
): Preamble | null {
  const firstEnd = findByte(bytes, newlineByte(newline), bomBytes, bomBytes + LONGEST_SEP_LINE);
  const first = firstEnd === -1 ? "" : decoder.decode(bytes.subarray(bomBytes, firstEnd));
  const delimiter = SEP_LINE.exec(first)?.[1] ?? null;
  const lines = Math.max(skipLines, delimiter === null ? 0 : 1);
  const start = passLines(bytes, newline, bomBytes, lines);
  if (start === null || start >= bytes.length) return null;
  // Somebody may have put lines before a file that has a mark.
  const marks = utf8Marks(bytes.subarray(start, start + 16));
  return { start: start + marks, line: lines + 1, delimiter };
}

/** The offset after a number of physical lines, or null if there are fewer. */
export function passLines(
  bytes: Uint8Array,
  newline: CsvFormat["newline"],
  from: number,
  lines: number,
): number | null {
  let start = from;
  for (let i = 0; i < lines; i++) {
    const lineEnd = findByte(bytes, newlineByte(newline), start, bytes.length);
    if (lineEnd === -1) return null;
    start = lineEnd + 1;
  }
  return start;
}

const decoder = new TextDecoder();
