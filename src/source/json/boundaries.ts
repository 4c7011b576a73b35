/**
 * Finds where records end, without looking at their fields. It sees the same boundaries as
 * `JsonReader`, whatever pieces the source is read in.
 */
import { MAX_RECORD_BYTES } from "../record.ts";
import { reachFrom, TOO_LONG, UNDECIDED } from "../reach.ts";
import type { LongRecordEnd, RecordBoundaries } from "../record_format.ts";
import { countLines, LF } from "./bytes.ts";
import type { JsonFormat } from "./json_format.ts";
import { NO_RECORD, RecordEnd } from "./record_end.ts";
import { ValueScanner } from "./value_scanner.ts";

export class JsonBoundaries implements RecordBoundaries {
  end = 0;
  rows = 0;
  lines = 0;
  needMore = false;
  long: LongRecordEnd | null = null;
  givesUp = false;
  readonly emptyRows = 0;
  readonly comments = 0;
  readonly gaveUp = false;

  readonly #record: RecordEnd;
  readonly #hasLines: boolean;
  readonly #maxRecordBytes: number;

  constructor({ layout }: JsonFormat, maxRecordBytes: number = MAX_RECORD_BYTES) {
    this.#record = new RecordEnd(layout, new ValueScanner(), false);
    this.#hasLines = layout === "lines";
    this.#maxRecordBytes = maxRecordBytes;
  }

  advance(
    bytes: Uint8Array,
    from: number,
    maxRows: number,
    maxBytes: number,
    isLast: boolean,
  ): void {
    const enough = from + maxBytes;
    const { length } = bytes;
    this.long = null;
    this.needMore = false;
    this.rows = 0;
    this.lines = 0;
    let start = from;
    while (this.rows < maxRows && start < enough) {
      if (start >= length) {
        this.needMore = !isLast;
        break;
      }
      const reach = reachFrom(start, this.#maxRecordBytes, length, isLast);
      const next = this.#record.find(bytes, start, reach);
      if (next === UNDECIDED) {
        this.needMore = true;
        break;
      }
      if (next === TOO_LONG) {
        this.rows++;
        this.long = this.#record.longRecord(bytes, start, reach.limit);
        this.lines += this.long.lines;
        start = reach.limit;
        break;
      }
      const stop = this.#record.next;
      // What comes after the last record belongs to it.
      if (next !== NO_RECORD) this.rows++;
      this.lines += countLines(bytes, start, stop);
      start = stop;
    }
    if (this.#hasLines && isLast && start === length && start > from && bytes[length - 1] !== LF) {
      this.lines++;
    }
    this.end = start;
  }
}
