/**
 * Finds where a record ends, without cutting fields. The reader and the planner's boundary scanner
 * both use it: a boundary on which they disagreed would lose or double a row.
 */
import { type Dialect, findByte, isDelimiterAt, openingQuote } from "./dialect.ts";
import { LongRecord } from "./long_record.ts";
import { BrokenField, STRAY } from "./broken_field.ts";
import { type Reach, TOO_LONG, UNDECIDED } from "../reach.ts";
import { CLOSED, NOT_CLOSED, QuotedField, TEXT_AFTER } from "./quoted_field.ts";

/** What is wrong with a record's quotes, for its message. */
export interface BrokenQuote {
  /** False: the quote is never closed. */
  readonly textAfter: boolean;
  /** How many lines of the record come before the quote. */
  readonly line: number;
}

export class RecordEnd {
  /** Line ends in the record, including its own; an unterminated last line counts as one. */
  lines = 0;
  /** The first broken quote of the record; null if there is none. */
  broken: BrokenQuote | null = null;
  /** A quote that is open at the limit was taken as stray. */
  gaveUp = false;

  readonly #dialect: Dialect;
  readonly #quoted: QuotedField;
  readonly #brokenField: BrokenField;
  /** Where the last field begins, unless it is broken; then, -1. */
  #fieldStart = -1;
  #linesBeforeField = 0;
  #endsWithLine = false;

  constructor(dialect: Dialect, maxRecordBytes: number) {
    this.#dialect = dialect;
    this.#quoted = new QuotedField(dialect);
    this.#brokenField = new BrokenField(dialect, maxRecordBytes);
  }

  /**
   * The index after the record that begins at `start`; or UNDECIDED, TOO_LONG. `givesUp`: a quote
   * that is open where a record would be too long is stray.
   */
  find(bytes: Uint8Array, start: number, reach: Reach, givesUp = false): number {
    const dialect = this.#dialect;
    const { delimiter, newline, escape } = dialect;
    const { limit, final, isLongest } = reach;
    const quoted = this.#quoted;
    this.lines = 0;
    this.broken = null;
    this.gaveUp = false;
    this.#endsWithLine = false;
    let beginsField = true;
    for (let i = start; i < limit; i++) {
      if (beginsField) {
        beginsField = false;
        this.#fieldStart = i;
        this.#linesBeforeField = this.lines;
        const open = openingQuote(dialect, bytes, i, limit);
        const verdict = open === -1 ? TEXT_AFTER : quoted.scan(bytes, open, limit, final);
        if (verdict === NOT_CLOSED && !final) {
          if (!isLongest) return UNDECIDED;
          this.gaveUp = givesUp;
          if (open === i && dialect.isTolerant && !givesUp) return TOO_LONG;
        }
        if (verdict === CLOSED) {
          this.lines += quoted.lines;
          i = quoted.stop;
        } else if (open === i) {
          i = this.#passBroken(bytes, open, start, reach, verdict);
          if (i === STRAY) return this.#endOfLine(bytes, this.#brokenField.stray, reach);
          if (i === UNDECIDED) return UNDECIDED;
          this.#fieldStart = -1;
        }
        if (i >= limit) break;
      }
      const byte = bytes[i];
      if (byte === newline) {
        this.lines++;
        return i + 1;
      }
      if (byte === escape && i + 1 < limit) {
        i++;
        if (bytes[i] === newline) this.lines++;
      } else if (byte === delimiter && isDelimiterAt(dialect, bytes, i, limit)) {
        i += dialect.delimiterBytes.length - 1;
        beginsField = true;
      }
    }
    return this.#atLimit(reach);
  }

  /** Finds the end of the record that `find` has found too long at this limit. */
  longRecord(bytes: Uint8Array, limit: number): LongRecord {
    const begins = this.#fieldStart !== -1;
    const long = new LongRecord(this.#dialect, this.#endsWithLine ? null : begins);
    if (begins && !this.#endsWithLine) long.take(bytes, this.#fieldStart, limit);
    return long;
  }

  /** Passes a field whose opening quote is not closed or followed by text. */
  #passBroken(
    bytes: Uint8Array,
    open: number,
    start: number,
    reach: Reach,
    verdict: number,
  ): number {
    const field = this.#brokenField;
    const next = field.pass(
      bytes,
      open,
      start,
      reach,
      verdict === TEXT_AFTER ? this.#quoted : null,
    );
    this.broken ??= { textAfter: field.isClosed, line: this.lines };
    this.lines += field.lines;
    return next;
  }

  /** The record ends with the line of the quote at `from`. */
  #endOfLine(bytes: Uint8Array, from: number, reach: Reach): number {
    this.#endsWithLine = true;
    const lineEnd = findByte(bytes, this.#dialect.newline, from, reach.limit);
    if (lineEnd === -1) return this.#atLimit(reach);
    this.lines++;
    return lineEnd + 1;
  }

  /** There is no line end before the limit. */
  #atLimit({ limit, final, isLongest }: Reach): number {
    if (!final && !isLongest) return UNDECIDED;
    if (!final) {
      // `longRecord` reads the last field once more, with its lines.
      const isReadAgain = this.#dialect.isTolerant && this.#fieldStart !== -1;
      if (isReadAgain && !this.#endsWithLine) this.lines = this.#linesBeforeField;
      return TOO_LONG;
    }
    this.lines++;
    return limit;
  }
}
