/** The bytes of a format that have a meaning. All readers of delimited text go by them. */
import type { CsvFormat } from "./csv_format.ts";

export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** The byte that stands for NUL after an escape: `\0`. */
export const ESCAPED_NUL = 0x30;

/** No byte equals it. */
const NONE = -1;

export interface Dialect {
  /** The delimiter's first byte; most have no other. */
  readonly delimiter: number;
  readonly delimiterBytes: Uint8Array;
  readonly newline: number;
  /** -1 if no character is a quote. */
  readonly quote: number;
  /** -1 if no character makes the next one ordinary. */
  readonly escape: number;
  /** See `CsvFormat.grammar`. */
  readonly isTolerant: boolean;
  /** Rows of delimiters and blanks only are no records. */
  readonly skipsEmptyRows: boolean;
  /** Missing cells at a row's end are empty, and surplus ones are dropped if they are. */
  readonly fillsRows: boolean;
  /** Lines that begin with these bytes are no records; empty if there are none. */
  readonly comment: Uint8Array;
}

const encoder = new TextEncoder();

/** Throws RangeError if the characters can't be told apart. */
export function dialectOf(format: CsvFormat): Dialect {
  const { quote = '"', escape = null, delimiter } = format;
  const delimiterBytes = encoder.encode(delimiter);
  const bytes = {
    quote: quote === null ? NONE : asciiByte("quote", quote),
    // Doubled quotes are known anyway.
    escape: escape === null || escape === quote ? NONE : asciiByte("escape", escape),
  };
  const isSpecial = (byte: number) =>
    byte === 0 || byte === LF || byte === CR || byte === bytes.quote || byte === bytes.escape;
  if (delimiterBytes.length === 0 || delimiterBytes.some(isSpecial)) {
    throw new RangeError(
      `A delimiter has no quote, escape or line break in it, got ${JSON.stringify(delimiter)}`,
    );
  }
  return {
    delimiter: delimiterBytes[0],
    delimiterBytes,
    newline: newlineByte(format.newline),
    ...bytes,
    isTolerant: format.grammar === 2,
    skipsEmptyRows: format.skip_empty_rows === true,
    fillsRows: format.short_rows === "fill",
    comment: encoder.encode(format.comment ?? ""),
  };
}

/** Is there a delimiter at `i` that ends before the limit? */
export function isDelimiterAt(
  { delimiter, delimiterBytes }: Dialect,
  bytes: Uint8Array,
  i: number,
  limit: number,
): boolean {
  if (bytes[i] !== delimiter) return false;
  const { length } = delimiterBytes;
  if (length === 1) return i < limit;
  if (i + length > limit) return false;
  for (let k = 1; k < length; k++) if (bytes[i + k] !== delimiterBytes[k]) return false;
  return true;
}

export function newlineByte(newline: CsvFormat["newline"]): number {
  return newline === "cr" ? CR : LF;
}

function asciiByte(what: string, character: string): number {
  const code = character.length === 1 ? character.charCodeAt(0) : 0;
  if (code === 0 || code > 0x7e || code === LF || code === CR) {
    throw new RangeError(
      `A ${what} must be one ASCII character other than a line break, got ${
        JSON.stringify(character)
      }`,
    );
  }
  return code;
}

/** A line end may have this many CRs before its LF: some programs convert CRLF once more. */
export const MOST_CRS = 2;

/** Index after the CRs that begin at `from`, of which there may be MOST_CRS. */
export function endOfCrs(bytes: Uint8Array, from: number, limit: number): number {
  const most = Math.min(limit, from + MOST_CRS);
  let i = from;
  while (i < most && bytes[i] === CR) i++;
  return i;
}

/** Index of the first `byte` in [from, limit), or -1. Unlike indexOf it stops at the limit. */
export function findByte(bytes: Uint8Array, byte: number, from: number, limit: number): number {
  for (let i = from; i < limit; i++) if (bytes[i] === byte) return i;
  return -1;
}

/** A space or a tab that is not the delimiter. */
export function isBlank({ delimiter }: Dialect, byte: number): boolean {
  return (byte === SPACE || byte === TAB) && byte !== delimiter;
}

/**
 * Index of the quote that opens the field at `i`, or -1. Blanks may come before it, and then they
 * are not data. But such a quote only counts if it is closed: `5, "so" he said` has none.
 */
export function openingQuote(
  dialect: Dialect,
  bytes: Uint8Array,
  i: number,
  limit: number,
): number {
  const { quote } = dialect;
  if (i >= limit || quote === NONE) return -1;
  if (bytes[i] === quote) return i;
  if (!dialect.isTolerant) return -1;
  let k = i;
  while (k < limit && isBlank(dialect, bytes[k])) k++;
  return k > i && k < limit && bytes[k] === quote ? k : -1;
}

/** If only CRs lie between `i` and a line end or the limit, the index of that; else `i`. */
export function passCarriageReturns(
  { newline }: Dialect,
  bytes: Uint8Array,
  i: number,
  limit: number,
): number {
  if (newline !== LF) return i;
  const end = endOfCrs(bytes, i, limit);
  return end === limit || bytes[end] === LF ? end : i;
}

/** The end of what has its line end, or the source's end, at `stop`, without the CRs before that. */
export function withoutCarriageReturns(
  { newline }: Dialect,
  bytes: Uint8Array,
  from: number,
  stop: number,
): number {
  if (newline !== LF) return stop;
  const least = Math.max(from, stop - MOST_CRS);
  let end = stop;
  while (end > least && bytes[end - 1] === CR) end--;
  return end;
}
