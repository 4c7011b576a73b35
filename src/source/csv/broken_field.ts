/**
 * Finds where a quoted field ends that is broken: its opening quote is never closed, or followed by
 * text. Its lines must not be read as rows, but a stray quote must not swallow the rows after it.
 *
 * Someone forgot to double the quotes inside a text, or wrote `\"`. Then quotes open and close in
 * turn, as Postgres reads them, and the field ends at the first delimiter or line end outside:
 *
 *     1,"Dear \"friend\",
 *     7,eleven
 *     bye"
 *
 * If one quote is too many, as in `"5" pipe"`, a text would begin that nobody meant. It may go on
 * beyond its line only to a quote that surely closes it, because a field ends right after. If a
 * quote that opens a field comes first, the field ended with its line. And no broken field is longer
 * than MAX_BROKEN_BYTES.
 */
import { type Dialect, isBlank, isDelimiterAt, passCarriageReturns } from "./dialect.ts";
import type { QuotedField } from "./quoted_field.ts";
import { type Reach, UNDECIDED } from "../reach.ts";

/** A quote, `stray`, opens nothing: the record ends with the line on which it stands. */
export const STRAY = -3;

/** A letter is shorter, and a file with stray quotes loses no more than this to each. */
const MAX_BROKEN_BYTES = 64 * 1024;

export class BrokenField {
  /** Line ends before the field's end, or before the stray quote. */
  lines = 0;
  stray = 0;
  /** The field's first quote is closed, with text after it. */
  isClosed = false;

  readonly #dialect: Dialect;
  readonly #maxBytes: number;

  constructor(dialect: Dialect, maxRecordBytes: number) {
    this.#dialect = dialect;
    this.#maxBytes = Math.min(MAX_BROKEN_BYTES, maxRecordBytes >> 1);
  }

  /**
   * Returns the index of the byte that ends the field, or the limit; or STRAY or UNDECIDED. `start`:
   * the record's. `quoted`: the scan that found text after a closing quote; null if none closes.
   */
  pass(
    bytes: Uint8Array,
    open: number,
    start: number,
    reach: Reach,
    quoted: QuotedField | null,
  ): number {
    this.lines = 0;
    this.stray = open;
    this.isClosed = false;
    if (quoted === null) return STRAY;
    const { newline, quote, escape, isTolerant } = this.#dialect;
    const { limit, final, isLongest } = reach;
    const farthest = open + this.#maxBytes;
    const isBelow = quoted.lines > 0;
    if (isBelow && (!isTolerant || quoted.after > farthest)) return STRAY;
    if (isBelow && this.#opensField(bytes, firstQuote(bytes, quoted.after - 1, quote), start)) {
      return STRAY;
    }
    this.isClosed = true;
    if (!isTolerant) return STRAY;
    this.lines = quoted.lines;
    for (let i = quoted.after; i < limit; i++) {
      const byte = bytes[i];
      if (byte === newline || isDelimiterAt(this.#dialect, bytes, i, limit)) return i;
      if (byte === escape && i + 1 < limit) {
        i++;
        if (bytes[i] === newline) this.lines++;
        continue;
      }
      if (byte !== quote) continue;
      const closing = this.#findClosing(bytes, i, start, farthest, reach);
      if (closing === UNDECIDED) return UNDECIDED;
      if (closing === STRAY) {
        this.stray = i;
        return STRAY;
      }
      i = closing;
    }
    return final || isLongest ? limit : UNDECIDED;
  }

  /** The last of the quotes that close the text opened by the one at `open`; STRAY if none does. */
  #findClosing(
    bytes: Uint8Array,
    open: number,
    start: number,
    farthest: number,
    { limit, final, isLongest }: Reach,
  ): number {
    const dialect = this.#dialect;
    const { newline, quote, escape } = dialect;
    const longestEnd = dialect.delimiterBytes.length;
    const end = Math.min(limit, farthest);
    const isOpen = limit < farthest && !final && !isLongest;
    // The source's end closes a field like a line end.
    const endsAtLimit = final && limit <= farthest;
    let lines = 0;
    // The text quotes somebody: `he said "yes"` at a line's end doesn't end the field.
    let insideWords = false;
    for (let i = open + 1; i < end; i++) {
      if (bytes[i] === escape && i + 1 < end) {
        i++;
        if (bytes[i] === newline) lines++;
        continue;
      }
      if (bytes[i] === newline) lines++;
      if (bytes[i] !== quote) continue;
      const first = i;
      while (i + 1 < end && bytes[i + 1] === quote) i++;
      const after = this.#afterBlanks(bytes, i + 1, end);
      if (after + longestEnd > end && isOpen) return UNDECIDED;
      const isOdd = (i - first) % 2 === 0;
      if (lines === 0) {
        if (isOdd) return i;
        continue;
      }
      const endsField = after === end ? endsAtLimit : this.#isEnd(bytes, after, end);
      const isClosing = isOdd && endsField;
      if (isClosing && !insideWords) {
        this.lines += lines;
        return i;
      }
      if (!isClosing && this.#opensField(bytes, first, start)) return STRAY;
      if (!isOdd) continue;
      insideWords = !endsField && after === i + 1 && isBlank(this.#dialect, bytes[first - 1]);
    }
    return isOpen ? UNDECIDED : STRAY;
  }

  #isEnd(bytes: Uint8Array, i: number, limit: number): boolean {
    return bytes[i] === this.#dialect.newline || isDelimiterAt(this.#dialect, bytes, i, limit);
  }

  #opensField(bytes: Uint8Array, i: number, start: number): boolean {
    const { newline, delimiterBytes } = this.#dialect;
    if (i <= start) return false;
    if (bytes[i - 1] === newline) return true;
    const delimiter = i - delimiterBytes.length;
    return delimiter >= start && isDelimiterAt(this.#dialect, bytes, delimiter, i);
  }

  /** The index after blanks and the CRs before a line end. */
  #afterBlanks(bytes: Uint8Array, i: number, limit: number): number {
    let k = i;
    while (k < limit && isBlank(this.#dialect, bytes[k])) k++;
    return passCarriageReturns(this.#dialect, bytes, k, limit);
  }
}

/** The first of the quotes that stand together and end at `last`. */
function firstQuote(bytes: Uint8Array, last: number, quote: number): number {
  let first = last;
  while (bytes[first - 1] === quote) first--;
  return first;
}
