/** Formats in which a record is a line: where it ends, and which lines are no records. */
import { type Reach, TOO_LONG, UNDECIDED } from "../reach.ts";

export const LF = 0x0a;
const CR = 0x0d, SPACE = 0x20, TAB = 0x09;

/** A line end may have this many CRs before its LF, as in delimited text. */
const MOST_CRS = 2;

export interface LineRules {
  /** The byte that makes the next one ordinary, a line end too; -1 if there is none. */
  readonly escape: number;
  /** Lines without anything on them are records, too. */
  readonly keepsEmpty: boolean;
  /** Lines of blanks only are no records. */
  readonly skipsBlank: boolean;
  /** Lines that begin with these bytes are no records; empty if there are none. */
  readonly comment: Uint8Array;
}

export type LineKind = "record" | "empty line" | "empty row" | "comment";

/** What the line from `start` to `end` is, which ends before its line end. */
export function lineKind(
  { keepsEmpty, skipsBlank, comment }: LineRules,
  bytes: Uint8Array,
  start: number,
  end: number,
): LineKind {
  if (comment.length > 0 && end - start >= comment.length) {
    if (comment.every((byte, i) => bytes[start + i] === byte)) return "comment";
  }
  if (start === end) return keepsEmpty ? "record" : "empty line";
  if (!skipsBlank) return "record";
  for (let i = start; i < end; i++) if (!isBlank(bytes[i])) return "record";
  return "empty row";
}

export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/**
 * The end of what has its line end, or the source's end, at `stop`, without the CRs before that. More
 * of them are none of a line end: else a record that is read by itself would lose some each time.
 */
export function withoutCarriageReturns(bytes: Uint8Array, start: number, stop: number): number {
  const least = Math.max(start, stop - MOST_CRS);
  let end = stop;
  while (end > least && bytes[end - 1] === CR) end--;
  return end > start && bytes[end - 1] === CR ? stop : end;
}

export class LineEnd {
  /** Where the line's bytes end, with the CRs of its line end. */
  stop = 0;
  /** Line ends in it, including its own; an unterminated last line counts as one. */
  lines = 0;

  readonly #escape: number;

  constructor({ escape }: LineRules) {
    this.#escape = escape;
  }

  /** The index after the line that begins at `start`; or UNDECIDED, TOO_LONG. */
  find(bytes: Uint8Array, start: number, { limit, final, isLongest }: Reach): number {
    this.lines = 0;
    for (let from = start;;) {
      const at = bytes.subarray(from, limit).indexOf(LF);
      if (at === -1) break;
      const found = from + at;
      this.lines++;
      if (!isEscaped(bytes, start, found, this.#escape)) {
        this.stop = found;
        return found + 1;
      }
      from = found + 1;
    }
    this.stop = limit;
    if (final) {
      this.lines++;
      return limit;
    }
    return isLongest ? TOO_LONG : UNDECIDED;
  }
}

/** Does an odd number of escapes stand before `at`? */
export function isEscaped(bytes: Uint8Array, start: number, at: number, escape: number): boolean {
  let i = at;
  while (i > start && bytes[i - 1] === escape) i--;
  return (at - i) % 2 === 1;
}
