/** Lines that are no records: empty ones, rows without any value, and comments. */
import { type Dialect, findByte, isBlank, isDelimiterAt, passCarriageReturns } from "./dialect.ts";
import { type Reach, UNDECIDED } from "../reach.ts";

/**
 * The index after the line at `i` if it is no record; else `i`. UNDECIDED if the bytes don't show it.
 * CRs alone are an empty line only at the very end, where the LF is missing. A line that is longer
 * than a record may be is a record.
 */
export function passSkippedLine(
  dialect: Dialect,
  bytes: Uint8Array,
  i: number,
  reach: Reach,
): number {
  const { limit, final, isLongest } = reach;
  const stop = isCommentAt(dialect, bytes, i, reach)
    ? endOfLine(dialect, bytes, i, limit)
    : passCarriageReturns(dialect, bytes, passEmptyCells(dialect, bytes, i, limit), limit);
  if (stop < limit) {
    if (bytes[stop] === dialect.newline) return stop + 1;
    // A delimiter of several bytes may begin before the limit.
    const isCut = bytes[stop] === dialect.delimiter && stop + dialect.delimiterBytes.length > limit;
    return isCut && dialect.skipsEmptyRows && !final && !isLongest ? UNDECIDED : i;
  }
  if (final) return limit;
  return isLongest ? i : UNDECIDED;
}

export type SkippedKind = "empty line" | "empty row" | "comment";

/** What `passSkippedLine` has passed at `i`. */
export function skippedKind(dialect: Dialect, bytes: Uint8Array, i: number): SkippedKind {
  const all = { limit: bytes.length, final: true };
  if (isCommentAt(dialect, bytes, i, all)) return "comment";
  return passEmptyCells(dialect, bytes, i, bytes.length) > i ? "empty row" : "empty line";
}

/** Does a comment begin here, or may one, if the bytes beyond the limit are not known? */
function isCommentAt(
  { comment }: Dialect,
  bytes: Uint8Array,
  i: number,
  { limit, final }: Pick<Reach, "limit" | "final">,
): boolean {
  if (comment.length === 0 || (final && i + comment.length > limit)) return false;
  for (let k = 0; k < comment.length && i + k < limit; k++) {
    if (bytes[i + k] !== comment[k]) return false;
  }
  return true;
}

function endOfLine({ newline }: Dialect, bytes: Uint8Array, i: number, limit: number): number {
  const lineEnd = findByte(bytes, newline, i, limit);
  return lineEnd === -1 ? limit : lineEnd;
}

function passEmptyCells(dialect: Dialect, bytes: Uint8Array, i: number, limit: number): number {
  if (!dialect.skipsEmptyRows) return i;
  let k = i;
  const { length } = dialect.delimiterBytes;
  while (k < limit) {
    if (isBlank(dialect, bytes[k])) k++;
    else if (isDelimiterAt(dialect, bytes, k, limit)) k += length;
    else break;
  }
  return k;
}
