import { CR, type Dialect, dialectOf, endOfCrs, findByte, LF } from "./dialect.ts";
import { CLOSED, NOT_CLOSED, QuotedField } from "./quoted_field.ts";
import type { RecordBoundaries } from "../record_format.ts";
import type { CsvFormat } from "./csv_format.ts";
import { MAX_RECORD_BYTES } from "../record.ts";

/**
 * Finds where records end, without cutting fields, so that the planner can cut batches. It sees the
 * same boundaries as `CsvReader`, also around malformed records, whatever pieces the source is read
 * in. It keeps no state between calls: each call begins at a record's start.
 *
 * Measured on one core, 100 MB of ten columns: 1,000 MB/s, or 450 if four of them are quoted.
 */
export class BoundaryScanner implements RecordBoundaries {
  end = 0;
  rows = 0;
  lines = 0;
  needMore = false;

  readonly #dialect: Dialect;
  readonly #quoted: QuotedField;
  readonly #maxRecordBytes: number;
  #recordLines = 0;

  constructor(format: CsvFormat, maxRecordBytes: number = MAX_RECORD_BYTES) {
    this.#dialect = dialectOf(format);
    this.#quoted = new QuotedField(this.#dialect);
    this.#maxRecordBytes = maxRecordBytes;
  }

  advance(
    bytes: Uint8Array,
    from: number,
    maxRows: number,
    maxBytes: number,
    isLast: boolean,
  ): void {
    const length = bytes.length;
    const enough = from + maxBytes;
    let start = from;
    let rows = 0;
    let lines = 0;
    let incomplete = false;
    while (rows < maxRows && start < enough) {
      if (start >= length) {
        incomplete = !isLast;
        break;
      }
      const next = this.#recordEnd(bytes, start, isLast);
      if (next === -1) {
        incomplete = true;
        break;
      }
      lines += this.#recordLines;
      if (!this.#isEmptyLine(bytes, start, next)) rows++;
      start = next;
    }
    this.end = start;
    this.rows = rows;
    this.lines = lines;
    this.needMore = incomplete;
  }

  /** Index after the record that begins at `start`, or -1 if the bytes don't show its end. */
  #recordEnd(bytes: Uint8Array, start: number, isLast: boolean): number {
    const { delimiter, newline, quote } = this.#dialect;
    const highest = Math.max(newline, quote);
    const longest = start + this.#maxRecordBytes;
    const limit = Math.min(bytes.length, longest);
    const final = isLast && limit < longest;
    let lines = 0;
    let i = start;
    while (i < limit) {
      const byte = bytes[i];
      if (byte <= highest) {
        if (byte === newline) {
          this.#recordLines = lines + 1;
          return i + 1;
        }
        if (byte === quote && (i === start || bytes[i - 1] === delimiter)) {
          const verdict = this.#quoted.scan(bytes, i, limit, final);
          if (verdict === CLOSED) {
            lines += this.#quoted.lines;
            i = this.#quoted.after;
            continue;
          }
          if (verdict === NOT_CLOSED && !final && limit < longest) return -1;
          // A malformed record ends with the line on which the quote opened.
          const lineEnd = findByte(bytes, newline, i, limit);
          if (lineEnd === -1) break;
          this.#recordLines = lines + 1;
          return lineEnd + 1;
        }
      }
      i++;
    }
    // No line end before the limit: the source ends, the record is too long, or bytes are missing.
    if (!final && limit < longest) return -1;
    this.#recordLines = final ? lines + 1 : lines;
    return limit;
  }

  #isEmptyLine(bytes: Uint8Array, start: number, next: number): boolean {
    const { newline } = this.#dialect;
    const first = bytes[start];
    if (first === newline) return true;
    if (first !== CR || newline !== LF) return false;
    const end = endOfCrs(bytes, start, next);
    // CRs alone are an empty line only at the very end, where the LF is missing.
    return end === next || bytes[end] === LF;
  }
}
