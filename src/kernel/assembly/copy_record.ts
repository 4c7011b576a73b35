/**
 * Reads rows as COPY writes them in its text format. source/copy/ defines what a record is, and reads
 * all unusual ones: those with other escapes than usual ones, or another number of fields than the
 * header has, and those that are no text.
 */
import { FIELD_ESCAPED, FIELD_NOT_ASCII, FIELD_NULL } from "../../source/field_flags";
import { Answer } from "./answer";
import { withoutCarriageReturns } from "./blanks";
import { copyDelimiter } from "./line_formats";
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
import { VECTOR, within } from "./vectors";

const LF: u8 = 10, CR: u8 = 13, BACKSLASH: u8 = 92, LETTER_N: u8 = 78;

/** Goes to the next record; leaves `at` at its beginning unless it returns Answer.record. */
export function nextCopy(): Answer {
  const end = limit;
  const start = at;
  if (start >= end) return Answer.end;
  beginRecord(start);
  const kept = expectedFields;
  const delimiter = copyDelimiter;
  const delimiters = i8x16.splat(<i8> delimiter);
  const ends = i8x16.splat(<i8> LF);
  const backslashes = i8x16.splat(<i8> BACKSLASH);
  const returns = i8x16.splat(<i8> CR);
  let isWide = false;
  let fields: u32 = 0;
  let from = start;
  let flags: u8 = 0;
  let i = start;
  for (;;) {
    if (i >= end) {
      if (!final) return Answer.incomplete;
      // The last vector reaches further.
      i = end;
      break;
    }
    const vector = v128.load(i);
    const inside = within(i, end);
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(vector, delimiters), i8x16.eq(vector, ends)),
        v128.or(
          i8x16.eq(vector, backslashes),
          v128.or(i8x16.eq(vector, returns), i8x16.eq(vector, i8x16.splat(0))),
        ),
      ),
    ) & inside;
    const wide = i8x16.bitmask(vector) & (special == 0 ? inside : (special - 1) & ~special);
    if (wide != 0) {
      flags |= <u8> FIELD_NOT_ASCII;
      isWide = true;
    }
    if (special == 0) {
      i += VECTOR;
      continue;
    }
    i += <usize> ctz(special);
    const byte = load<u8>(i);
    if (byte == LF) break;
    if (byte == delimiter) {
      if (fields == kept) return Answer.unusual;
      put(fields++, from, i, flags);
      i++;
      from = i;
      flags = 0;
      continue;
    }
    if (byte == BACKSLASH) {
      if (i + 1 >= end) return final ? Answer.unusual : Answer.incomplete;
      const letter = load<u8>(i + 1);
      if (letter == LETTER_N && i == from) {
        flags = <u8> FIELD_NULL;
      } else if (isUsual(letter)) {
        flags |= <u8> FIELD_ESCAPED;
      } else {
        return Answer.unusual;
      }
      i += 2;
      // `\Nx` is no NULL.
      if ((flags & FIELD_NULL) != 0 && i < end) {
        const next = load<u8>(i);
        if (next != delimiter && next != LF && next != CR) return Answer.unusual;
      }
      continue;
    }
    // A CR is a part of a line end, or else unusual, as is a NUL.
    const behind = i + 1 < end ? load<u8>(i + 1) : final ? LF : CR;
    if (byte != CR || (behind != LF && behind != CR)) return Answer.unusual;
    const third = behind == LF ? LF : i + 2 < end ? load<u8>(i + 2) : LF;
    if (third != LF) return Answer.unusual;
    i++;
  }
  if (i - start >= <usize> maxRecordBytes) return Answer.unusual;
  const to = withoutCarriageReturns(start, i);
  // An empty line is a record, too, which has at least one byte.
  if (to == start || fields + 1 != kept || (to == start + 2 && load<u16>(start) == END_MARK)) return Answer.unusual;
  put(fields, from, max(from, to), flags);
  if (isWide && !isUtf8(start, to)) return Answer.unusual;
  moveTo(i < end ? i + 1 : end);
  countLines(1);
  endRecord(to, kept);
  return Answer.record;
}

/** `\.`, as one number. */
const END_MARK: u16 = 0x2e5c;

/** Does it stand for the same after JSON's backslash? */
// @ts-ignore: decorator
@inline
function isUsual(letter: u8): bool {
  // n t r \ b f
  return letter == 110 || letter == 116 || letter == 114 || letter == BACKSLASH || letter == 98 ||
    letter == 102;
}

// @ts-ignore: decorator
@inline
function put(field: u32, start: usize, end: usize, flags: u8): void {
  store<u32>(fieldStarts + (field << 2), <u32> start);
  store<u32>(fieldEnds + (field << 2), <u32> ((flags & FIELD_NULL) != 0 ? start : end));
  store<u8>(fieldFlags + field, flags);
}
