/**
 * Reads quoted fields, and decides where a record with broken quotes ends. The reader and the
 * planner's boundary scanner both use this file: a boundary on which they disagreed would lose or
 * double a row.
 *
 * A quote opens a quoted field only as the first byte of the field: `a, "b"` has a second field
 * of four characters, space and quotes included, as in RFC 4180 and most readers.
 */

import type { CsvFormat } from "./csv_format.ts";

export const LF = 0x0a;
export const CR = 0x0d;
export const QUOTE = 0x22;

/** The closing quote is followed by a delimiter, a line end or the end of the source. */
export const CLOSED = 0;
/** The closing quote, at `after - 1`, is followed by something else. */
export const TEXT_AFTER = 1;
/** There is no closing quote before the limit, or the byte after it lies beyond the limit. */
export const NOT_CLOSED = 2;

/** The delimiter's byte. Throws RangeError if it can't be a delimiter. */
export function delimiterByte(format: CsvFormat): number {
  const code = format.delimiter.length === 1 ? format.delimiter.charCodeAt(0) : 0;
  if (code === 0 || code > 0x7e || code === LF || code === CR || code === QUOTE) {
    throw new RangeError(
      `A delimiter must be one ASCII character other than a quote or a line break, got ${
        JSON.stringify(format.delimiter)
      }`,
    );
  }
  return code;
}

export function newlineByte(newline: CsvFormat["newline"]): number {
  return newline === "cr" ? CR : LF;
}

/** Index of the first `byte` in [from, limit), or -1. Unlike indexOf it stops at the limit. */
export function findByte(bytes: Uint8Array, byte: number, from: number, limit: number): number {
  for (let i = from; i < limit; i++) if (bytes[i] === byte) return i;
  return -1;
}

/**
 * Finds the end of one quoted field; the results stay in the properties until the next `scan`.
 *
 * A malformed field costs at most one extra scan of its bytes. A scan only gets past lines in which
 * every run of quotes has an even length, and such a line, read on its own, never opens a quote
 * without closing it. So stray quotes cost linear time.
 */
export class QuotedField {
  /** Index after the closing quote. */
  after = 0;
  /** Line breaks inside the quotes. */
  lines = 0;
  /** The field holds doubled quotes. */
  doubled = false;
  /** The bitwise OR of all bytes of the field: 0x80 or above if one of them is not ASCII. */
  bits = 0;
  nul = false;

  readonly #delimiter: number;
  readonly #newline: number;

  constructor(format: CsvFormat) {
    this.#delimiter = delimiterByte(format);
    this.#newline = newlineByte(format.newline);
  }

  /**
   * `open` is the index of the opening quote. `final`: the source ends at `limit`; otherwise
   * nothing is known about what comes after it.
   */
  scan(bytes: Uint8Array, open: number, limit: number, final: boolean): number {
    const newline = this.#newline;
    let lines = 0;
    let bits = 0;
    let doubled = false;
    let nul = false;
    let verdict = NOT_CLOSED;
    let i = open + 1;
    while (i < limit) {
      const byte = bytes[i];
      if (byte <= QUOTE) {
        if (byte === QUOTE) {
          if (i + 1 < limit && bytes[i + 1] === QUOTE) {
            doubled = true;
            i++;
          } else {
            verdict = this.#follows(bytes, i + 1, limit, final);
            break;
          }
        } else if (byte === newline) {
          lines++;
        } else if (byte === 0) {
          nul = true;
        }
      }
      bits |= byte;
      i++;
    }
    this.after = i + 1;
    this.lines = lines;
    this.bits = bits;
    this.doubled = doubled;
    this.nul = nul;
    return verdict;
  }

  /** Judges the byte at `i`, right after a closing quote. */
  #follows(bytes: Uint8Array, i: number, limit: number, final: boolean): number {
    if (i >= limit) return final ? CLOSED : NOT_CLOSED;
    const byte = bytes[i];
    if (byte === this.#delimiter || byte === this.#newline) return CLOSED;
    if (byte === CR) {
      if (i + 1 >= limit) return final ? CLOSED : NOT_CLOSED;
      if (bytes[i + 1] === this.#newline) return CLOSED;
    }
    return TEXT_AFTER;
  }
}
