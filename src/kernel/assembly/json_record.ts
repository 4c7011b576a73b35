/**
 * Reads records of JSON: finds their fields by comparing keys, which nearly always come in the order of
 * the record before. source/json/ defines what a record is, and reads all unusual ones: those that are
 * no valid JSON, or nested deeply, whose keys have escapes or come twice, or whose text is none.
 */
import { FIELD_NOT_ASCII } from "../../source/field_flags";
import { Answer } from "./answer";
import {
  forgetBytes,
  lineEnds,
  noteBytes,
  numberEnd,
  passBlanks,
  scalarEnd,
  valueEnd,
  wide,
} from "./json";
import { beginFields, putField, readText } from "./json_fields";
import { findMember, keyEnd } from "./json_keys";
import { noteLead, stands } from "./json_leads";
import {
  beginMarks,
  isLines,
  keepOthers,
  Lead,
  mark,
  noteOther,
  otherCount,
  PathNode,
  root,
} from "./json_paths";
import {
  at,
  beginRecord,
  countLines,
  endRecord,
  expectedFields,
  final,
  limit,
  maxRecordBytes,
  moveTo,
  recordLine,
} from "./source";
import { isUtf8 } from "./utf8";
import { isAscii } from "./vectors";

const LF: u8 = 10, QUOTE: u8 = 34, COMMA: u8 = 44, COLON: u8 = 58;
const OPEN_ARRAY: u8 = 91, CLOSE_ARRAY: u8 = 93, OPEN_OBJECT: u8 = 123, CLOSE_OBJECT: u8 = 125;
const LETTER_N: u8 = 110;

/** Goes to the next record; leaves `at` at its beginning unless it returns Answer.record. */
export function nextJson(): Answer {
  const end = limit;
  const from = at;
  forgetBytes();
  let start = passBlanks(from, end);
  if (!isLines && start < end && load<u8>(start) == COMMA) start = passBlanks(start + 1, end);
  if (start == end) {
    if (!final) return Answer.incomplete;
    countLines(lineEnds);
    if (isLines && end > from && load<u8>(end - 1) != LF) countLines(1);
    moveTo(end);
    return Answer.end;
  }
  if (load<u8>(start) != OPEN_OBJECT) return Answer.unusual;
  const linesBefore = lineEnds;
  countLines(linesBefore);
  beginRecord(start);
  const known = otherCount;
  const read = readRecord(start, end);
  if (read == 0) {
    keepOthers(known);
    // The caller reads it again from where it was.
    countLines(0 - linesBefore);
    return Answer.unusual;
  }
  const next = isLines ? min(lineEnd(read, end) + 1, end) : read;
  countLines(isLines ? 1 : lineEnds);
  moveTo(next);
  endRecord(read, expectedFields);
  return Answer.record;
}

/** The place behind the record; 0 if it is unusual. */
function readRecord(start: usize, end: usize): usize {
  forgetBytes();
  beginMarks();
  beginFields(start);
  const stop = readObject(start, end, changetype<PathNode>(root));
  if (stop == 0 || stop - at >= maxRecordBytes) return 0;
  if (wide != 0 && !isUtf8(start, stop)) return 0;
  if (!isLines) return stop;
  const behind = lineEnd(stop, end);
  // Something follows, or the line may go on.
  if (behind < end ? load<u8>(behind) != LF : !final) return 0;
  if (behind - at >= maxRecordBytes) return 0;
  return lineEnds == 0 ? stop : 0;
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

/** Reads the object that begins at `start`. Returns the place behind it; 0 if it is unusual. */
function readObject(start: usize, end: usize, node: PathNode): usize {
  const members = node.members;
  const count = node.memberCount;
  const isRoot = changetype<usize>(node) == root;
  let expected: u32 = 0;
  /** What is expected behind the last value; 0 after one that leads to no field. */
  let lead = node.first;
  let i = start;
  while (i < end) {
    let member: PathNode | null = null;
    if (lead != 0 && stands(changetype<Lead>(lead), i, end)) {
      const known = changetype<Lead>(lead);
      i += known.length;
      noteBytes(known.lines, 0);
      member = changetype<PathNode>(known.member);
    } else {
      const from = i;
      const lines = lineEnds;
      i = passBlanks(i, end);
      if (i >= end) return 0;
      const byte = load<u8>(i);
      if (byte == CLOSE_OBJECT) return i + 1;
      if (i > start && byte != COMMA) return 0;
      i = passBlanks(i + 1, end);
      if (i >= end) return 0;
      if (from == start && load<u8>(i) == CLOSE_OBJECT) return i + 1;
      if (load<u8>(i) != QUOTE) return 0;
      const key = i + 1;
      i = keyEnd(key, end);
      if (i == 0) return 0;
      const length = <u32> (i - 1 - key);
      const found = findMember(members, count, expected, key, length);
      i = passBlanks(i, end);
      if (i >= end || load<u8>(i) != COLON) return 0;
      i = passBlanks(i + 1, end);
      if (i >= end) return 0;
      if (found != 0) {
        member = changetype<PathNode>(found);
        expected = <u32> ((found - members) / offsetof<PathNode>()) + 1;
        if (lead != 0) noteLead(changetype<Lead>(lead), from, i, lineEnds - lines, member);
      } else if (isRoot && !noteOther(key, length, recordLine)) {
        return 0;
      }
    }
    if (member == null) {
      i = valueEnd(i, end);
      lead = 0;
    } else {
      if (member.seen == mark) return 0;
      member.seen = mark;
      i = readValue(i, end, member);
      lead = member.next;
    }
    if (i == 0) return 0;
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
  if (byte < COLON && node.field >= 0) {
    const stop = numberEnd(start, end);
    if (stop != 0) putField(node.field, start, stop, 0);
    return stop;
  }
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
