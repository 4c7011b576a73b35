/** Writes one column of the record that was read last. */
import { FIELD_DOUBLED_QUOTES, FIELD_NOT_ASCII, FIELD_QUOTED } from "../../source/field_flags";
import { BinaryType, putNull as putBinaryNull, putTyped } from "./binary";
import { Column, Kind } from "./column";
import { putNull, putPlain, putText } from "./copy";
import { isEmail } from "./email";
import { binary, out } from "./output";
import { fieldEnds, fieldFlags, fieldStarts } from "./source";
import { hasLength, isDate, isDecimal, isInteger, isTimestamp, isUuid } from "./values";
import { findWord, findWordInAnyCase } from "./words";

const SPACE: u8 = 32;

/** Does `String.trim` remove this ASCII byte? */
// @ts-ignore: decorator
@inline
export function isBlank(byte: u8): bool {
  return byte == SPACE || <u8> (byte - 9) < 5;
}

/** Writes a column. Returns false, with nothing written, if the caller must write it. */
export function writeColumn(column: Column): bool {
  if (column.kind == Kind.caller) return false;
  if (column.kind == Kind.constant) {
    putPlain(column.value, column.value + column.valueLength);
    return true;
  }
  const flags: i32 = load<u8>(fieldFlags + column.field);
  const isText = column.kind <= Kind.one_of;
  const unsure = isText ? FIELD_DOUBLED_QUOTES : FIELD_DOUBLED_QUOTES | FIELD_NOT_ASCII;
  if ((flags & unsure) != 0) return false;
  let start: usize = load<u32>(fieldStarts + (column.field << 2));
  let end: usize = load<u32>(fieldEnds + (column.field << 2));
  if (column.trim) {
    while (start < end && isBlank(load<u8>(start))) start++;
    while (start < end && isBlank(load<u8>(end - 1))) end--;
    // The caller trims blanks outside ASCII, such as no-break spaces.
    if (start < end && (load<u8>(start) > 127 || load<u8>(end - 1) > 127)) return false;
  }
  if (
    <i32> (end - start) <= column.longestNull &&
    findWord(column.nulls, column.nullCount, start, end) != null &&
    !(column.nullsUnquoted && (flags & FIELD_QUOTED) != 0)
  ) {
    if (!column.nullPasses) return false;
    if (binary) putBinaryNull();
    else putNull();
    return true;
  }
  if (column.kind == Kind.text) {
    return hasLength(column, start, end) && putAnyText(column, start, end);
  }
  if (end - start > <usize> column.maxLength) return false;
  switch (column.kind) {
    case Kind.integer:
      if (!isInteger(column, start, end)) return false;
      break;
    case Kind.decimal:
      if (!isDecimal(column, start, end)) return false;
      break;
    case Kind.email:
      if (!isEmail(start, end)) return false;
      break;
    case Kind.date:
      if (!isDate(start, end)) return false;
      break;
    case Kind.timestamp: {
      if (!isTimestamp(start, end)) return false;
      if (!putValue(column, start, end)) return false;
      // The `T` of `2024-02-29T12:30:00` becomes a space.
      if (!binary || column.type == BinaryType.text) store<u8>(out - 9, SPACE);
      return true;
    }
    case Kind.uuid:
      if (!isUuid(start, end)) return false;
      break;
    case Kind.one_of:
      return findWord(column.words, column.wordCount, start, end) != null &&
        putAnyText(column, start, end);
    case Kind.words: {
      const word = findWordInAnyCase(column.words, column.wordCount, start, end);
      return word != null && putValue(column, word.meaning, word.meaning + word.meaningLength);
    }
    default:
      return false;
  }
  return putValue(column, start, end);
}

/** Writes a value that needs no escaping. Returns false if it has no binary form. */
// @ts-ignore: decorator
@inline
function putValue(column: Column, start: usize, end: usize): bool {
  if (binary) return putTyped(column.type, start, end);
  putPlain(start, end);
  return true;
}

// @ts-ignore: decorator
@inline
function putAnyText(column: Column, start: usize, end: usize): bool {
  if (binary) return putTyped(column.type, start, end);
  putText(start, end);
  return true;
}
