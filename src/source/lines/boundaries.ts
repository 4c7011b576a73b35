import { reachFrom, TOO_LONG, UNDECIDED } from "../reach.ts";
import { MAX_RECORD_BYTES } from "../record.ts";
import type { LongRecordEnd, RecordBoundaries } from "../record_format.ts";
import {
  isEscaped,
  LineEnd,
  lineKind,
  type LineRules,
  withoutCarriageReturns,
} from "./line_rules.ts";
import { LongLine } from "./long_line.ts";

/** Finds where records end that are lines. It sees the same boundaries as `LineReader`. */
export class LineBoundaries implements RecordBoundaries {
  end = 0;
  rows = 0;
  lines = 0;
  needMore = false;
  emptyRows = 0;
  comments = 0;
  long: LongRecordEnd | null = null;
  givesUp = false;
  readonly gaveUp = false;

  readonly #rules: LineRules;
  readonly #line: LineEnd;
  readonly #maxRecordBytes: number;

  constructor(rules: LineRules, maxRecordBytes: number = MAX_RECORD_BYTES) {
    this.#rules = rules;
    this.#line = new LineEnd(rules);
    this.#maxRecordBytes = maxRecordBytes;
  }

  advance(
    bytes: Uint8Array,
    from: number,
    maxRows: number,
    maxBytes: number,
    isLast: boolean,
  ): void {
    const { length } = bytes;
    const enough = from + maxBytes;
    let start = from;
    this.long = null;
    this.needMore = false;
    this.rows =
      this.lines =
      this.emptyRows =
      this.comments =
        0;
    while (this.rows < maxRows && start < enough) {
      if (start >= length) {
        this.needMore = !isLast;
        break;
      }
      const reach = reachFrom(start, this.#maxRecordBytes, length, isLast);
      const next = this.#line.find(bytes, start, reach);
      if (next === UNDECIDED) {
        this.needMore = true;
        break;
      }
      this.lines += this.#line.lines;
      if (next === TOO_LONG) {
        this.rows++;
        this.long = longLine(this.#rules, bytes, start, reach.limit);
        start = reach.limit;
        break;
      }
      this.#count(bytes, start, this.#line.stop);
      start = next;
    }
    this.end = start;
  }

  #count(bytes: Uint8Array, start: number, stop: number): void {
    const end = withoutCarriageReturns(bytes, start, stop);
    const kind = lineKind(this.#rules, bytes, start, end);
    if (kind === "record") this.rows++;
    else if (kind === "empty row") this.emptyRows++;
    else if (kind === "comment") this.comments++;
  }
}

/** Finds the end of the line at `start`, whose first bytes, up to `limit`, were read. */
export function longLine(
  { escape }: LineRules,
  bytes: Uint8Array,
  start: number,
  limit: number,
): LongLine {
  return new LongLine(escape, isEscaped(bytes, start, limit, escape));
}
