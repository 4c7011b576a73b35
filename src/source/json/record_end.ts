/**
 * Finds where a record ends. The reader and the planner's boundary scanner both use it: a boundary on
 * which they disagreed would lose or double a row.
 */
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  countLines,
  LF,
  OPEN_ARRAY,
  OPEN_OBJECT,
  passBlanks,
  QUOTE,
  withoutBlanks,
} from "./bytes.ts";
import type { LongRecordEnd } from "../record_format.ts";
import { type Reach, TOO_LONG, UNDECIDED } from "../reach.ts";
import type { JsonFormat } from "./json_format.ts";
import type { Problem } from "./problem.ts";
import { anotherRecord } from "./resume_after.ts";
import { CUT, type ValueScanner, WHOLE } from "./value_scanner.ts";

export type Layout = JsonFormat["layout"];

/** In place of an index: up to `RecordEnd.next`, there is only white space, or a comma. */
export const NO_RECORD = -3;

export class RecordEnd {
  /** The record's range, and the index after what ends it. */
  start = 0;
  end = 0;
  next = 0;
  problem: Problem | null = null;

  readonly #layout: Layout;
  readonly #scanner: ValueScanner;
  readonly #judges: boolean;

  /** `judges`: says what is wrong with a record, also where its end doesn't depend on that. */
  constructor(layout: Layout, scanner: ValueScanner, judges: boolean) {
    this.#judges = judges;
    this.#layout = layout;
    this.#scanner = scanner;
  }

  /** The index after the record that begins at `from` or behind white space; or one of the above. */
  find(bytes: Uint8Array, from: number, reach: Reach): number {
    this.problem = null;
    const found = this.#layout === "lines"
      ? this.#line(bytes, from, reach)
      : this.#element(bytes, from, reach);
    this.next = found === NO_RECORD ? reach.limit : found;
    return found;
  }

  /** Finds the end of the record that `find` has found too long at this limit. */
  longRecord(bytes: Uint8Array, from: number, limit: number): LongRecordEnd {
    const long = this.#layout === "lines" ? new LongLine() : new LongElement(this.problem !== null);
    long.take(bytes, from, limit);
    return long;
  }

  #line(bytes: Uint8Array, from: number, { limit, final, isLongest }: Reach): number {
    this.start = passBlanks(bytes, from, limit);
    if (this.start === limit) return final || isLongest ? NO_RECORD : UNDECIDED;
    const lineEnd = indexOfLf(bytes, this.start, limit);
    if (lineEnd === -1 && !final) return isLongest ? TOO_LONG : UNDECIDED;
    const stop = lineEnd === -1 ? limit : lineEnd;
    this.end = withoutBlanks(bytes, this.start, stop);
    const scanner = this.#scanner;
    if (!this.#judges) return lineEnd === -1 ? limit : lineEnd + 1;
    if (scanner.scan(bytes, this.start, this.end, true) !== WHOLE) this.problem = scanner.problem;
    else if (scanner.end < this.end) this.problem = "after";
    return lineEnd === -1 ? limit : lineEnd + 1;
  }

  #element(bytes: Uint8Array, from: number, reach: Reach): number {
    const { limit, final, isLongest } = reach;
    this.start = passBlanks(bytes, from, limit);
    if (bytes[this.start] === COMMA) this.start = passBlanks(bytes, this.start + 1, limit);
    if (this.start >= limit) return final || isLongest ? NO_RECORD : UNDECIDED;
    const scanner = this.#scanner;
    const read = scanner.scan(bytes, this.start, limit, final);
    if (read === WHOLE) return this.end = scanner.end;
    if (read === CUT) return isLongest ? TOO_LONG : UNDECIDED;
    this.problem = bytes[this.start] === CLOSE_ARRAY ? "arrayEnd" : scanner.problem;
    const next = anotherRecord(bytes, from, this.start, scanner.end, limit);
    if (next === -1 && !final) return isLongest ? TOO_LONG : UNDECIDED;
    this.end = withoutBlanks(bytes, this.start, next === -1 ? limit : next);
    if (next !== -1 && bytes[this.end - 1] === COMMA) {
      this.end = withoutBlanks(bytes, this.start, this.end - 1);
    }
    return next === -1 ? limit : this.end;
  }
}

function indexOfLf(bytes: Uint8Array, from: number, limit: number): number {
  const found = bytes.subarray(from, limit).indexOf(LF);
  return found === -1 ? -1 : from + found;
}

class LongLine implements LongRecordEnd {
  lines = 0;
  readonly isOpen = false;
  readonly mayBeOpen = false;

  take(bytes: Uint8Array, from: number, to: number): number {
    const found = indexOfLf(bytes, from, to);
    if (found === -1) return -1;
    this.lines++;
    return found + 1;
  }

  clone(): LongLine {
    const copy = new LongLine();
    copy.lines = this.lines;
    return copy;
  }
}

class LongElement implements LongRecordEnd {
  lines = 0;
  readonly isOpen = false;
  readonly mayBeOpen = false;
  /** It is no JSON: nothing says where it ends, so it goes on to the source's end. */
  readonly #isBroken: boolean;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #hasBegun = false;

  constructor(isBroken: boolean) {
    this.#isBroken = isBroken;
  }

  take(bytes: Uint8Array, from: number, to: number): number {
    if (this.#isBroken) {
      this.lines += countLines(bytes, from, to);
      return -1;
    }
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (byte === LF) this.lines++;
      if (this.#isEscaped) {
        this.#isEscaped = false;
      } else if (this.#isText) {
        if (byte === BACKSLASH) this.#isEscaped = true;
        // No text has a line end in it: then the quote is stray.
        else if (byte === LF) this.#isText = false;
        else if (byte === QUOTE) {
          this.#isText = false;
          if (this.#depth === 0) return i + 1;
        }
      } else if (byte === QUOTE) {
        this.#isText = this.#hasBegun = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.#depth++;
        this.#hasBegun = true;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        this.#depth--;
        if (this.#depth <= 0) return i + 1;
      } else if (this.#depth === 0 && this.#hasBegun && byte === COMMA) {
        return i;
      } else if (byte > 0x20 && byte !== COMMA) {
        this.#hasBegun = true;
      }
    }
    return -1;
  }

  clone(): LongElement {
    const copy = new LongElement(this.#isBroken);
    copy.lines = this.lines;
    copy.#depth = this.#depth;
    copy.#isText = this.#isText;
    copy.#isEscaped = this.#isEscaped;
    copy.#hasBegun = this.#hasBegun;
    return copy;
  }
}
