/** Reads quoted fields. A quote in the middle of a field is an ordinary character. */

import {
  type Dialect,
  ESCAPED_NUL,
  isBlank,
  isDelimiterAt,
  passCarriageReturns,
} from "./dialect.ts";

/** The closing quote is followed by a delimiter, a line end or the end of the source. */
export const CLOSED = 0;
/** The closing quote, at `after - 1`, is followed by something else than blanks. */
export const TEXT_AFTER = 1;
/** There is no closing quote before the limit, or what comes after it lies beyond the limit. */
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
  /** If the field is closed: the index after the blanks behind it, and of the byte that ends it. */
  end = 0;
  stop = 0;
  /** Line breaks inside the quotes. */
  lines = 0;
  /** The field holds doubled quotes. */
  doubled = false;
  /** The field holds escapes. */
  escaped = false;
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
    const { quote, newline, escape } = this.#dialect;
    const highest = Math.max(quote, newline, escape);
    let lines = 0;
    let bits = 0;
    let doubled = false;
    let escaped = false;
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
        } else if (byte === escape && i + 1 < limit) {
          escaped = true;
          i++;
          if (bytes[i] === newline) lines++;
          else if (bytes[i] === 0 || bytes[i] === ESCAPED_NUL) nul = true;
          bits |= bytes[i];
        }
      }
      bits |= byte;
      i++;
    }
    this.after = i + 1;
    this.lines = lines;
    this.bits = bits;
    this.doubled = doubled;
    this.escaped = escaped;
    this.nul = nul;
    return verdict;
  }

  /** Judges the bytes at `i`, right after a closing quote. */
  #follows(bytes: Uint8Array, i: number, limit: number, final: boolean): number {
    const dialect = this.#dialect;
    let k = i;
    if (dialect.isTolerant) { while (k < limit && isBlank(dialect, bytes[k])) k++; }
    this.end = k;
    this.stop = passCarriageReturns(dialect, bytes, k, limit);
    if (this.stop >= limit) return final ? CLOSED : NOT_CLOSED;
    if (bytes[this.stop] === dialect.newline) return CLOSED;
    if (isDelimiterAt(dialect, bytes, this.stop, limit)) return CLOSED;
    // It may begin before the limit.
    const isCut = !final && this.stop + dialect.delimiterBytes.length > limit;
    return isCut && bytes[this.stop] === dialect.delimiter ? NOT_CLOSED : TEXT_AFTER;
  }
}
