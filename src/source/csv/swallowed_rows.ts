/**
 * Recognises quotes that aren't quotes. In a file without quoting, a value that begins with `"`
 * swallows all rows up to the next `"`.
 */
import type { CsvFormat } from "./csv_format.ts";
import { type Dialect, dialectOf, isDelimiterAt } from "./dialect.ts";
import { FIELD_DOUBLED_QUOTES, FIELD_QUOTED } from "../record.ts";
import { CsvReader } from "./reader.ts";

const COMMA = 0x2c;
const TAB = 0x09;

/**
 * Does each line of this record have exactly `width` fields if quotes don't count? Then it looks
 * like rows that a stray quote has joined. Prose has commas too, so with commas, at least one line
 * has to lie wholly inside a value, or both lines have to begin with a number, as rows do.
 */
export function mayHoldRows(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
  width: number,
): boolean {
  const lines = countRows(bytes, start, end, dialect, width);
  if (lines >= leastLines(dialect)) return true;
  return lines === 2 && beginsWithNumber(bytes, start, end, dialect) &&
    beginsWithNumber(bytes, bytes.indexOf(dialect.newline, start) + 1, end, dialect);
}

/** The same, with more certainty. */
function holdsRows(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
  width: number,
): boolean {
  return countRows(bytes, start, end, dialect, width) >= leastLines(dialect);
}

function leastLines({ delimiter }: Dialect): number {
  return delimiter === COMMA ? 3 : 2;
}

/** How many lines there are if each has `width` fields; else 0. */
function countRows(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
  width: number,
): number {
  const { newline } = dialect;
  if (width < 2) return 0;
  let lines = 0;
  let fields = 1;
  for (let i = start; i <= end; i++) {
    const byte = i < end ? bytes[i] : newline;
    if (byte === dialect.delimiter && isDelimiterAt(dialect, bytes, i, end)) fields++;
    if (byte !== newline) continue;
    if (fields !== width) return 0;
    fields = 1;
    lines++;
  }
  return lines;
}

/** Is the first field one of digits only? */
function beginsWithNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
): boolean {
  let i = start;
  while (i < end && bytes[i] >= 0x30 && bytes[i] <= 0x39) i++;
  return i > start && isDelimiterAt(dialect, bytes, i, end);
}

/**
 * Are the quotes of this file ordinary characters? `sample` begins with the header. Only if some
 * swallow rows and none is needed: none encloses a delimiter, a quote or a line break. Text files
 * of a database without quoting are separated by tabs; there, quotes that don't close are enough.
 */
export function quotesAreData(sample: Uint8Array, format: CsvFormat): boolean {
  const dialect = dialectOf(format);
  const reader = new CsvReader(sample, format, { offset: 0, line: 1, row: 0 }, null);
  const isPlainHeader = reader.next() && reader.defect === null && !hasQuoted(reader);
  if (!isPlainHeader) return false;
  const width = reader.fieldCount;
  const found = { rows: 0, swallowing: 0, broken: 0, enclosed: 0 };
  while (reader.next()) {
    found.rows++;
    if (reader.defect?.code === "malformed") found.broken++;
    else if (!hasQuoted(reader)) continue;
    else if (reader.nextLine - reader.line > 1) {
      if (!holdsRows(sample, reader.start, reader.end, dialect, width)) return false;
      found.swallowing++;
    } else if (needsQuotes(reader, dialect)) return false;
    else found.enclosed++;
  }
  // A program that encloses all texts does so in most rows.
  if (2 * found.enclosed > found.rows) return false;
  return found.swallowing > 0 || (found.broken > 0 && dialect.delimiter === TAB);
}

function hasQuoted(record: CsvReader): boolean {
  const { fieldFlags, fieldCount } = record;
  for (let field = 0; field < fieldCount; field++) {
    if ((fieldFlags[field] & FIELD_QUOTED) !== 0) return true;
  }
  return false;
}

function needsQuotes({ bytes, fieldStart, fieldEnd, fieldFlags, fieldCount }: CsvReader, {
  delimiter,
}: Dialect): boolean {
  for (let field = 0; field < fieldCount; field++) {
    const flags = fieldFlags[field];
    if ((flags & FIELD_QUOTED) === 0) continue;
    if ((flags & FIELD_DOUBLED_QUOTES) !== 0) return true;
    if (bytes.subarray(fieldStart[field], fieldEnd[field]).includes(delimiter)) return true;
  }
  return false;
}
