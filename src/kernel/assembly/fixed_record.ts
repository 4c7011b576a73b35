/**
 * Reads lines of fixed width. source/fixed/ defines what a record is, and reads all unusual ones: lines
 * that are too short or too long, blank ones, comments, and those that are no text.
 */
import { FIELD_NOT_ASCII } from "../../source/field_flags";
import { Answer } from "./answer";
import { withoutCarriageReturns } from "./blanks";
import { columns, FixedColumn, keepsBlanks, leastLength, lineComment, mostLength } from "./line_formats";
import {
  at,
  beginRecord,
  countLines,
  endRecord,
  expectedFields,
  fieldEnds,
  fieldFlags,
  fieldStarts,
  final,
  limit,
  maxRecordBytes,
  moveTo,
} from "./source";
import { isUtf8 } from "./utf8";
import { isAscii, VECTOR, within } from "./vectors";

const LF: u8 = 10, CR: u8 = 13, SPACE: u8 = 32, TAB: u8 = 9;

/** Goes to the next record; leaves `at` at its beginning unless it returns Answer.record. */
export function nextFixed(): Answer {
  const end = limit;
  const start = at;
  if (start >= end) return Answer.end;
  let stop = end;
  let wide: i32 = 0;
  let odd: i32 = 0;
  const ends = i8x16.splat(<i8> LF);
  for (let i = start; i < end; i += VECTOR) {
    const vector = v128.load(i);
    const inside = within(i, end);
    const found = i8x16.bitmask(i8x16.eq(vector, ends)) & inside;
    const before = found == 0 ? inside : (found - 1) & ~found;
    wide |= i8x16.bitmask(vector) & before;
    odd |= i8x16.bitmask(
      v128.or(i8x16.eq(vector, i8x16.splat(0)), i8x16.eq(vector, i8x16.splat(<i8> CR))),
    ) & before;
    if (found != 0) {
      stop = i + <usize> ctz(found);
      break;
    }
  }
  if (stop == end && !final) return Answer.incomplete;
  if (stop - start >= <usize> maxRecordBytes) return Answer.unusual;
  const to = withoutCarriageReturns(start, stop);
  if (odd != 0 && hasOdd(start, to)) return Answer.unusual;
  // Most lines begin with a letter or a digit.
  const first = load<u8>(start);
  if (<i32> first == lineComment || (first <= SPACE && pastBlanks(start, to) == to)) {
    return Answer.unusual;
  }
  if (wide != 0 && !isUtf8(start, to)) return Answer.unusual;
  const length = wide == 0 ? to - start : lengthOf(start, to);
  if (length < leastLength) return Answer.unusual;
  if (length > mostLength) {
    const rest = wide == 0 ? start + mostLength : placeOf(mostLength, start, to);
    if (pastBlanks(rest, to) != to) return Answer.unusual;
  }
  beginRecord(start);
  if (wide == 0) cut(start, to);
  else cutWide(start, to);
  moveTo(stop < end ? stop + 1 : end);
  countLines(1);
  endRecord(to, expectedFields);
  return Answer.record;
}

function hasOdd(start: usize, to: usize): bool {
  for (let i = start; i < to; i++) {
    if (load<u8>(i) == 0 || load<u8>(i) == CR) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function pastBlanks(from: usize, to: usize): usize {
  let i = from;
  while (i < to && isBlank(load<u8>(i))) i++;
  return i;
}

/** How many characters there are. */
function lengthOf(start: usize, to: usize): usize {
  let characters: usize = 0;
  for (let i = start; i < to; i++) {
    if ((load<u8>(i) & 0xc0) != 0x80) characters++;
  }
  return characters;
}

/** Where the character with this number begins, or the line ends. */
function placeOf(character: usize, start: usize, to: usize): usize {
  let left = character;
  let i = start;
  while (i < to) {
    if ((load<u8>(i) & 0xc0) != 0x80) {
      if (left == 0) return i;
      left--;
    }
    i++;
  }
  return to;
}

// @ts-ignore: decorator
@inline
function columnAt(field: u32): FixedColumn {
  return changetype<FixedColumn>(columns + field * offsetof<FixedColumn>());
}

/** A value of blanks only is none. */
// @ts-ignore: decorator
@inline
function put(field: u32, from: usize, to: usize): void {
  const first = pastBlanks(from, to);
  const isEmpty = first == to;
  let end = isEmpty ? from : to;
  if (!isEmpty && !keepsBlanks) while (isBlank(load<u8>(end - 1))) end--;
  store<u32>(fieldStarts + (field << 2), <u32> (isEmpty || keepsBlanks ? from : first));
  store<u32>(fieldEnds + (field << 2), <u32> end);
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u8): bool {
  return byte == SPACE || byte == TAB;
}

/** Each byte is a character. */
function cut(start: usize, to: usize): void {
  for (let field: u32 = 0; field < expectedFields; field++) {
    const column = columnAt(field);
    const from = min(start + <usize> column.start, to);
    put(field, from, min(start + <usize> column.end, to));
  }
}

/** Columns nearly always follow each other, so each is counted from where the last one ended. */
function cutWide(start: usize, to: usize): void {
  let place = start;
  let passed: u32 = 0;
  for (let field: u32 = 0; field < expectedFields; field++) {
    const column = columnAt(field);
    if (column.start < passed) {
      place = start;
      passed = 0;
    }
    const from = placeOf(column.start - passed, place, to);
    place = placeOf(column.end - column.start, from, to);
    passed = column.end;
    put(field, from, place);
    if (!isAscii(from, place)) store<u8>(fieldFlags + field, <u8> FIELD_NOT_ASCII);
  }
}
