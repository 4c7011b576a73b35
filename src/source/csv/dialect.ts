/** The bytes of a format that have a meaning. All readers of delimited text go by them. */
import type { CsvFormat } from "./csv_format.ts";

export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** No byte equals it. */
const NONE = -1;

export interface Dialect {
  readonly delimiter: number;
  readonly newline: number;
  /** -1 if no character is a quote. */
  readonly quote: number;
  /** See `CsvFormat.grammar`. */
  readonly isTolerant: boolean;
  /** Rows of delimiters and blanks only are no records. */
  readonly skipsEmptyRows: boolean;
  /** Missing cells at a row's end are empty, and surplus ones are dropped if they are. */
  readonly fillsRows: boolean;
  /** Lines that begin with these bytes are no records; empty if there are none. */
  readonly comment: Uint8Array;
}

/** Throws RangeError if the characters can't be told apart. */
export function dialectOf(format: CsvFormat): Dialect {
  const { quote = '"' } = format;
  const newline = newlineByte(format.newline);
  const bytes = {
    quote: quote === null ? NONE : asciiByte("quote", quote),
    delimiter: asciiByte("delimiter", format.delimiter),
  };
  if (bytes.quote === bytes.delimiter) {
    throw new RangeError(`The quote can't be the delimiter ${JSON.stringify(quote)}`);
  }
  return {
    newline,
    ...bytes,
    isTolerant: format.grammar === 2,
    skipsEmptyRows: format.skip_empty_rows === true,
    fillsRows: format.short_rows === "fill",
    comment: new TextEncoder().encode(format.comment ?? ""),
  };
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
