/**
 * Reads quoted fields, and decides where a record with broken quotes ends. The reader and the
 * planner's boundary scanner both use this file: a boundary on which they disagreed would lose or
 * double a row.
 *
 * A quote opens a quoted field only as the first byte of the field: `a, "b"` has a second field
 * of four characters, space and quotes included, as in RFC 4180 and most readers.
 */

import { CR, type Dialect, endOfCrs } from "./dialect.ts";

/** The closing quote is followed by a delimiter, a line end or the end of the source. */
export const CLOSED = 0;
/** The closing quote, at `after - 1`, is followed by something else. */
export const TEXT_AFTER = 1;
/** There is no closing quote before the limit, or the byte after it lies beyond the limit. */
export const NOT_CLOSED = 2;

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

  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /**
   * `open` is the index of the opening quote. `final`: the source ends at `limit`; otherwise
   * nothing is known about what comes after it.
   */
  scan(bytes: Uint8Array, open: number, limit: number, final: boolean): number {
    const { quote, newline } = this.#dialect;
    const highest = Math.max(quote, newline);
    let lines = 0;
    let bits = 0;
    let doubled = false;
    let nul = false;
    let verdict = NOT_CLOSED;
    let i = open + 1;
    while (i < limit) {
      const byte = bytes[i];
      if (byte <= highest) {
        if (byte === quote) {
          if (i + 1 < limit && bytes[i + 1] === quote) {
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
    const { delimiter, newline } = this.#dialect;
    const byte = bytes[i];
    if (byte === delimiter || byte === newline) return CLOSED;
    if (byte === CR) {
      const end = endOfCrs(bytes, i, limit);
      if (end >= limit) return final ? CLOSED : NOT_CLOSED;
      if (bytes[end] === newline) return CLOSED;
    }
    return TEXT_AFTER;
  }
}
