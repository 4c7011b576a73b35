/**
 * Reads records of JSON: finds their fields by comparing keys, which nearly always come in the order of
 * the record before. source/json/ defines what a record is, and reads all unusual ones: those that are
 * no valid JSON, or nested deeply, whose keys have escapes or come twice, or whose text is none.
 */
import { FIELD_ESCAPED, FIELD_NOT_ASCII, FIELD_NULL, FIELD_QUOTED } from "../../source/field_flags";
import { Answer } from "./answer";
import { escapeEnd, passBlanks, scalarEnd, valueEnd } from "./json";
import { findMember, isKey, keyEnd } from "./json_keys";
import { escapesAreText } from "./json_text";
import { beginMarks, isLines, keepOthers, mark, noteOther, otherCount, PathNode, root } from "./json_paths";
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
  recordLine,
} from "./source";
import { isUtf8 } from "./utf8";
import { isAscii, VECTOR, within } from "./vectors";

const LF: u8 = 10, QUOTE: u8 = 34, COMMA: u8 = 44, COLON: u8 = 58, BACKSLASH: u8 = 92;
const OPEN_ARRAY: u8 = 91, CLOSE_ARRAY: u8 = 93, OPEN_OBJECT: u8 = 123, CLOSE_OBJECT: u8 = 125;
const LETTER_N: u8 = 110;

/** Goes to the next record; leaves `at` at its beginning unless it returns Answer.record. */
export function nextJson(): Answer {
  const end = limit;
  const from = at;
  let start = passBlanks(from, end);
  if (!isLines && start < end && load<u8>(start) == COMMA) start = passBlanks(start + 1, end);
  if (start == end) {
    if (!final) return Answer.incomplete;
    countLines(linesIn(from, end));
    if (isLines && end > from && load<u8>(end - 1) != LF) countLines(1);
    moveTo(end);
    return Answer.end;
  }
  if (load<u8>(start) != OPEN_OBJECT) return Answer.unusual;
  countLines(linesIn(from, start));
  beginRecord(start);
  const known = otherCount;
  const read = readRecord(start, end);
  if (read == 0) {
    keepOthers(known);
    // The caller reads it again from where it was.
    countLines(0 - linesIn(from, start));
    return Answer.unusual;
  }
  const next = isLines ? min(lineEnd(read, end) + 1, end) : read;
  countLines(isLines ? 1 : linesInside);
  moveTo(next);
  endRecord(read, expectedFields);
  return Answer.record;
}

/** The place behind the record; 0 if it is unusual. */
function readRecord(start: usize, end: usize): usize {
  beginMarks();
  beginFields(start);
  const stop = readObject(start, end, changetype<PathNode>(root));
  if (stop == 0 || stop - at >= maxRecordBytes) return 0;
  if (isWide(start, stop) && !isUtf8(start, stop)) return 0;
  if (!isLines) return stop;
  const behind = lineEnd(stop, end);
  // Something follows, or the line may go on.
  if (behind < end ? load<u8>(behind) != LF : !final) return 0;
  if (behind - at >= maxRecordBytes) return 0;
  return linesInside == 0 ? stop : 0;
}

/** Line ends in the record that was read last. */
let linesInside: u32 = 0;

/** Counts its line ends. Returns whether it has bytes beyond ASCII. */
function isWide(start: usize, stop: usize): bool {
  const ends = i8x16.splat(<i8> LF);
  let lines: u32 = 0;
  let wide: i32 = 0;
  for (let i = start; i < stop; i += VECTOR) {
    const vector = v128.load(i);
    const inside = within(i, stop);
    wide |= i8x16.bitmask(vector) & inside;
    lines += popcnt<u32>(i8x16.bitmask(i8x16.eq(vector, ends)) & inside);
  }
  linesInside = lines;
  return wide != 0;
}

/** The line end behind blanks, or what stands before it. */
function lineEnd(from: usize, end: usize): usize {
  let i = from;
  while (i < end && load<u8>(i) <= 32 && load<u8>(i) != LF) {
    // Other control characters are none.
    if (load<u8>(i) != 32 && load<u8>(i) != 13 && load<u8>(i) != 9) break;
    i++;
  }
  return i;
}

/** Without a value, all fields are like this. */
function beginFields(start: usize): void {
  const place = i32x4.splat(<i32> start);
  for (let i: u32 = 0; i < expectedFields; i += 4) v128.store(fieldStarts + (i << 2), place);
  for (let i: u32 = 0; i < expectedFields; i += 4) v128.store(fieldEnds + (i << 2), place);
  for (let i: u32 = 0; i < expectedFields; i += <u32> VECTOR) {
    v128.store(fieldFlags + i, i8x16.splat(<i8> FIELD_NULL));
  }
}

function linesIn(from: usize, to: usize): u32 {
  let lines: u32 = 0;
  const ends = i8x16.splat(<i8> LF);
  for (let i = from; i < to; i += VECTOR) {
    lines += popcnt<u32>(i8x16.bitmask(i8x16.eq(v128.load(i), ends)) & within(i, to));
  }
  return lines;
}

/** Reads the object that begins at `start`. Returns the place behind it; 0 if it is unusual. */
function readObject(start: usize, end: usize, node: PathNode): usize {
  const members = node.members;
  const count = node.memberCount;
  const isRoot = changetype<usize>(node) == root;
  let expected: u32 = 0;
  let i = passBlanks(start + 1, end);
  if (i < end && load<u8>(i) == CLOSE_OBJECT) return i + 1;
  while (i < end && load<u8>(i) == QUOTE) {
    const key = i + 1;
    let member = expected < count
      ? changetype<PathNode>(members + expected * offsetof<PathNode>())
      : null;
    if (member != null && isKey(member, key, end)) {
      i = key + member.keyLength + 1;
      expected++;
    } else {
      i = keyEnd(key, end);
      if (i == 0) return 0;
      const found = findMember(members, count, expected, key, <u32> (i - 1 - key));
      member = found == 0 ? null : changetype<PathNode>(found);
      if (member != null) {
        expected = <u32> ((found - members) / offsetof<PathNode>()) + 1;
      } else if (isRoot && !noteOther(key, <u32> (i - 1 - key), recordLine)) {
        return 0;
      }
    }
    i = passBlanks(i, end);
    if (i >= end || load<u8>(i) != COLON) return 0;
    i = passBlanks(i + 1, end);
    if (i >= end) return 0;
    if (member == null) {
      i = valueEnd(i, end);
    } else {
      if (member.seen == mark) return 0;
      member.seen = mark;
      i = readValue(i, end, member);
    }
    if (i == 0) return 0;
    i = passBlanks(i, end);
    if (i >= end) return 0;
    const byte = load<u8>(i);
    if (byte == CLOSE_OBJECT) return i + 1;
    if (byte != COMMA) return 0;
    i = passBlanks(i + 1, end);
  }
  return 0;
}

/** Reads the array that begins at `start`, in the same way. */
function readArray(start: usize, end: usize, node: PathNode): usize {
  let position: u32 = 0;
  let next: u32 = 0;
  let i = passBlanks(start + 1, end);
  if (i < end && load<u8>(i) == CLOSE_ARRAY) return i + 1;
  while (i < end) {
    const item = next < node.itemCount
      ? changetype<PathNode>(node.items + next * offsetof<PathNode>())
      : null;
    if (item != null && item.position == position) {
      item.seen = mark;
      next++;
      i = readValue(i, end, item);
    } else {
      i = valueEnd(i, end);
    }
    if (i == 0) return 0;
    i = passBlanks(i, end);
    if (i >= end) return 0;
    const byte = load<u8>(i);
    if (byte == CLOSE_ARRAY) return i + 1;
    if (byte != COMMA) return 0;
    i = passBlanks(i + 1, end);
    position++;
  }
  return 0;
}

/** Reads a value that is a field, or has some in it. */
function readValue(start: usize, end: usize, node: PathNode): usize {
  const byte = load<u8>(start);
  if (byte == QUOTE) return readText(start + 1, end, node.field);
  const isNested = byte == OPEN_OBJECT || byte == OPEN_ARRAY;
  const stop = !isNested
    ? scalarEnd(start, byte, end)
    : byte == OPEN_OBJECT && node.memberCount > 0
    ? readObject(start, end, node)
    : byte == OPEN_ARRAY && node.itemCount > 0
    ? readArray(start, end, node)
    : valueEnd(start, end);
  if (stop == 0 || node.field < 0 || byte == LETTER_N) return stop;
  putField(node.field, start, stop, isNested && !isAscii(start, stop) ? <u8> FIELD_NOT_ASCII : 0);
  return stop;
}

// @ts-ignore: decorator
@inline
function putField(field: u32, start: usize, end: usize, flags: u8): void {
  store<u32>(fieldStarts + (field << 2), <u32> start);
  store<u32>(fieldEnds + (field << 2), <u32> end);
  store<u8>(fieldFlags + field, flags);
}

/** `start`: behind the opening quote. */
// @ts-ignore: decorator
@inline
function readText(start: usize, end: usize, field: i32): usize {
  const quotes = i8x16.splat(<i8> QUOTE);
  const backslashes = i8x16.splat(<i8> BACKSLASH);
  const controls = i8x16.splat(32);
  let flags: u8 = <u8> FIELD_QUOTED;
  let i = start;
  while (i < end) {
    const vector = v128.load(i);
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(vector, quotes), i8x16.eq(vector, backslashes)),
        i8x16.lt_u(vector, controls),
      ),
    );
    const wide = i8x16.bitmask(vector);
    if (special == 0) {
      if (wide != 0) flags |= <u8> FIELD_NOT_ASCII;
      i += VECTOR;
      continue;
    }
    const first = ctz(special);
    if ((wide & ((1 << first) - 1)) != 0) flags |= <u8> FIELD_NOT_ASCII;
    i += first;
    if (i >= end) return 0;
    const byte = load<u8>(i);
    if (byte == QUOTE) {
      if (field < 0) return i + 1;
      if ((flags & FIELD_ESCAPED) != 0) {
        const isText = escapesAreText(start, i);
        if (isText == 0) return 0;
        if (isText > 1) flags |= <u8> FIELD_NOT_ASCII;
      }
      putField(field, start, i, flags);
      return i + 1;
    }
    if (byte != BACKSLASH) return 0;
    flags |= <u8> FIELD_ESCAPED;
    i = escapeEnd(i + 1, end);
    if (i == 0) return 0;
  }
  return 0;
}
