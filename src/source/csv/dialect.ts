/** The bytes of a format that have a meaning. */
import type { CsvFormat } from "./csv_format.ts";

export const LF = 0x0a;
export const CR = 0x0d;

/** No byte equals it. */
const NONE = -1;

export interface Dialect {
  readonly delimiter: number;
  readonly newline: number;
  /** -1 if no character is a quote. */
  readonly quote: number;
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
  return { newline, ...bytes };
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
