/** Lines that are no records: empty ones, rows without any value, and comments. */
import { isBlank, passCarriageReturns } from "./blanks";
import {
  at,
  commentMark,
  countComment,
  countEmptyRow,
  countLines,
  delimiter,
  final,
  foreign,
  highestSkipped,
  limit,
  maxRecordBytes,
  moveTo,
  newline,
  skipsEmptyRows,
} from "./source";

const LF: u8 = 10, CR: u8 = 13;

/** The line end after `i`, or the end. */
function endOfLine(i: usize, end: usize): usize {
  let k = i;
  while (k < end && load<u8>(k) != newline) k++;
  return k;
}

/** Where the delimiters and blanks from `i` on end, without the CRs of a line end. */
function endOfEmptyRow(i: usize, end: usize): usize {
  let k = i;
  while (k < end && (load<u8>(k) == delimiter || isBlank(load<u8>(k)))) k++;
  return newline == LF ? passCarriageReturns(k, end) : k;
}

/**
 * Passes lines that are no records; returns false if there is nothing else before `until`. It
 * doesn't pass a CR that may be half a line end.
 */
// @ts-ignore: decorator
@inline
export function skipLines(until: usize): bool {
  return at < until && isCertain(load<u8>(at)) || skipAny(until);
}

/** Does this byte alone show that a record begins? It does in nearly all lines. */
// @ts-ignore: decorator
@inline
function isCertain(byte: u8): bool {
  return byte > highestSkipped && (byte != delimiter || !skipsEmptyRows);
}

function skipAny(until: usize): bool {
  // Only the format's reader knows what an empty line is.
  if (foreign) return at < until;
  const end = limit;
  const mark = commentMark;
  const skipsEmpty = skipsEmptyRows;
  let i = at;
  let passed: u32 = 0;
  while (i < until) {
    const byte = load<u8>(i);
    if (byte == newline) {
      i++;
    } else if (newline == LF && byte == CR) {
      const lineEnd = passCarriageReturns(i, end);
      if (lineEnd == i || lineEnd - i >= maxRecordBytes || (lineEnd == end && !final)) break;
      i = min(lineEnd + 1, end);
    } else if (<i32> byte == mark) {
      const stop = endOfLine(i, end);
      if (stop - i >= maxRecordBytes || (stop == end && !final)) break;
      i = min(stop + 1, end);
      countComment();
    } else if (skipsEmpty && (byte == delimiter || isBlank(byte))) {
      const stop = endOfEmptyRow(i, end);
      if (stop - i >= maxRecordBytes) break;
      if (stop == end ? !final : load<u8>(stop) != newline) break;
      i = min(stop + 1, end);
      countEmptyRow();
    } else {
      break;
    }
    passed++;
  }
  moveTo(i);
  countLines(passed);
  return i < until;
}
