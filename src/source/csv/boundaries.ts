import { type Dialect, dialectOf } from "./dialect.ts";
import { passSkippedLine, skippedKind } from "./skipped_lines.ts";
import { reachFrom, TOO_LONG, UNDECIDED } from "../reach.ts";
import { RecordEnd } from "./record_end.ts";
import type { LongRecordEnd, RecordBoundaries } from "../record_format.ts";
import type { CsvFormat } from "./csv_format.ts";
import { MAX_RECORD_BYTES } from "../record.ts";

/**
 * Finds where records end, without cutting fields, so that the planner can cut batches. It sees the
 * same boundaries as `CsvReader`, also around malformed records, whatever pieces the source is read
 * in. It keeps no state between calls: each call begins at a record's start.
 */
export class BoundaryScanner implements RecordBoundaries {
  end = 0;
  rows = 0;
  lines = 0;
  needMore = false;
  emptyRows = 0;
  comments = 0;
  long: LongRecordEnd | null = null;
  givesUp = false;
  gaveUp = false;

  readonly #dialect: Dialect;
  readonly #record: RecordEnd;
  readonly #maxRecordBytes: number;

  constructor(format: CsvFormat, maxRecordBytes: number = MAX_RECORD_BYTES) {
    this.#dialect = dialectOf(format);
    this.#record = new RecordEnd(this.#dialect, maxRecordBytes);
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
    this.long = null;
    this.gaveUp = false;
    this.emptyRows = 0;
    this.comments = 0;
    while (rows < maxRows && start < enough) {
      if (start >= length) {
        incomplete = !isLast;
        break;
      }
      const reach = reachFrom(start, this.#maxRecordBytes, length, isLast);
      const passed = passSkippedLine(this.#dialect, bytes, start, reach);
      const next = passed === start ? this.#record.find(bytes, start, reach, this.givesUp) : passed;
      if (next === UNDECIDED) {
        incomplete = true;
        break;
      }
      lines += passed === start ? this.#record.lines : 1;
      if (passed === start) rows++;
      else this.#count(bytes, start);
      start = next === TOO_LONG ? reach.limit : next;
      if (next === TOO_LONG && this.#dialect.isTolerant) {
        this.long = this.#record.longRecord(bytes, reach.limit);
        lines += this.long.lines;
        break;
      }
      this.gaveUp = passed === next ? false : this.#record.gaveUp;
      if (this.gaveUp) break;
    }
    this.end = start;
    this.rows = rows;
    this.lines = lines;
    this.needMore = incomplete;
  }

  #count(bytes: Uint8Array, skipped: number): void {
    const kind = skippedKind(this.#dialect, bytes, skipped);
    if (kind === "empty row") this.emptyRows++;
    else if (kind === "comment") this.comments++;
  }
}
