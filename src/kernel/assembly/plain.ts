/**
 * Writes columns whose values are fields as they are, as long as there is nothing to do about them.
 * These are most values of most files. So what changes with each value is kept in locals here,
 * whereas the steps of other columns (write.ts) share it by way of the memory; and numbers are read
 * once, to be checked and to be written. Whatever is left out here, write.ts does.
 */
import {
  FIELD_DOUBLED_QUOTES,
  FIELD_ESCAPED,
  FIELD_NOT_ASCII,
  FIELD_NULL,
} from "../../source/field_flags";
import { nullTo as binaryNullTo, numericHeadTo, textTo, typedTo } from "./binary";
import { BinaryType, integerTo } from "./binary_type";
import { dateTo } from "./binary_moment";
import { Column, Kind, Missing } from "./column";
import { copyTo, escapeTo, nullTo } from "./copy";
import { fewDigits, NO_DIGITS } from "./digits";
import { isEmail } from "./email";
import { binary, out, setOut } from "./output";
import { fieldEnds, fieldFlags, fieldStarts } from "./source";
import { areWithin, integerOf, isBetween, isDate, isDecimal, isInteger, NO_INTEGER } from "./values";
import { findWord, findWordInAnyCase } from "./words";

const TAB: u8 = 9, MINUS: u8 = 45, POINT: u8 = 46, ZERO: u8 = 48;
/** The bytes between white space and the bytes beyond ASCII, some of which are white space too. */
const FIRST_INK: u8 = 33, INK_BYTES: u8 = 94;
/** Digits before and after the point of a numeric: two groups and one, of four digits each. */
const WHOLE_DIGITS: usize = 8, FRACTION_DIGITS: usize = 4;
const GROUP: u64 = 10_000;

/** Writes columns from `first` on, one after the other; returns the first that it doesn't write. */
export function writePlainColumns(columns: usize, first: u32, total: u32): u32 {
  let target = out;
  let c = first;
  for (; c < total; c++) {
    const column = changetype<Column>(columns + c * offsetof<Column>());
    const field = column.plainField;
    if (field < 0) break;
    const start: usize = load<u32>(fieldStarts + (field << 2));
    const end: usize = load<u32>(fieldEnds + (field << 2));
    const flags: i32 = load<u8>(fieldFlags + field);
    if (!isOrdinary(column, flags, start, end)) {
      if ((flags & FIELD_NULL) == 0 || column.missing != Missing.nothing) break;
      const written = !binary && c > 0 ? tabTo(target) : target;
      target = binary ? binaryNullTo(written) : nullTo(written);
      continue;
    }
    let next = target;
    if (!binary && c > 0) store<u8>(next++, TAB);
    if (isNullWord(column, start, end)) {
      if (column.missing != Missing.nothing || column.nullsUnquoted) break;
      target = binary ? binaryNullTo(next) : nullTo(next);
      continue;
    }
    if (!isWithinLimits(column, start, end)) break;
    next = binary ? valueTo(next, column, start, end) : lineTo(next, column, start, end);
    if (next == 0) break;
    target = next;
  }
  setOut(target);
  return c;
}

/** Writes a column in COPY's text format, at `target`. Returns where it ends; 0 if it doesn't. */
export function plainLineTo(target: usize, column: Column): usize {
  const field = column.plainField;
  if (field < 0) return 0;
  const start: usize = load<u32>(fieldStarts + (field << 2));
  const end: usize = load<u32>(fieldEnds + (field << 2));
  const isCertain = isOrdinary(column, load<u8>(fieldFlags + field), start, end) &&
    !isNullWord(column, start, end) && isWithinLimits(column, start, end);
  return isCertain ? lineTo(target, column, start, end) : 0;
}

// @ts-ignore: decorator
@inline
function tabTo(target: usize): usize {
  store<u8>(target, TAB);
  return target + 1;
}

/** Are the bytes of the field its text, without quotes to undouble or white space to remove? */
// @ts-ignore: decorator
@inline
function isOrdinary(column: Column, flags: i32, start: usize, end: usize): bool {
  const unsure = column.kind == Kind.text
    ? FIELD_DOUBLED_QUOTES | FIELD_ESCAPED | FIELD_NULL
    : FIELD_DOUBLED_QUOTES | FIELD_ESCAPED | FIELD_NULL | FIELD_NOT_ASCII;
  if ((flags & unsure) != 0) return false;
  return !column.trim || end == start || (isInk(load<u8>(start)) && isInk(load<u8>(end - 1)));
}

// @ts-ignore: decorator
@inline
function isNullWord(column: Column, start: usize, end: usize): bool {
  return <i32> (end - start) <= column.longestNull &&
    findWord(column.nulls, column.nullCount, start, end) != null;
}

/** Is the length certainly within the column's limits? A character has at most four bytes. */
// @ts-ignore: decorator
@inline
function isWithinLimits(column: Column, start: usize, end: usize): bool {
  const length = <u32> (end - start);
  if (length > column.maxLength || length < column.minLength << 2) return false;
  return length <= column.longestWritten || column.kind == Kind.words;
}

// @ts-ignore: decorator
@inline
function isInk(byte: u8): bool {
  return <u8> (byte - FIRST_INK) < INK_BYTES;
}

/** Writes a value in COPY's text format. Returns where it ends; 0 if it is not certain. */
// @ts-ignore: decorator
@inline
function lineTo(target: usize, column: Column, start: usize, end: usize): usize {
  switch (column.kind) {
    case Kind.text:
      return escapeTo(target, start, end);
    case Kind.integer:
      return isInteger(column, start, end) ? copyTo(target, start, end) : 0;
    case Kind.decimal:
      return column.isPlain && isDecimal(column, start, end) ? copyTo(target, start, end) : 0;
    case Kind.email:
      return isEmail(start, end) ? copyTo(target, start, end) : 0;
    case Kind.date:
      return column.isPlain && isDate(start, end) ? copyTo(target, start, end) : 0;
    case Kind.words: {
      const word = findWordInAnyCase(column.words, column.wordCount, start, end);
      if (word == null || word.meaningLength > column.longestWritten) return 0;
      return copyTo(target, word.meaning, word.meaning + word.meaningLength);
    }
    default:
      return 0;
  }
}

/** The same in COPY's binary format. */
// @ts-ignore: decorator
@inline
function valueTo(target: usize, column: Column, start: usize, end: usize): usize {
  const type = column.type;
  switch (column.kind) {
    case Kind.text:
      return type == BinaryType.text ? textTo(target, start, end) : 0;
    case Kind.integer: {
      if (type != BinaryType.int4 && type != BinaryType.int8 && type != BinaryType.int2) return 0;
      const value = integerOf(start, end);
      if (value == NO_INTEGER || !isBetween(column, <f64> value)) return 0;
      return integerTo(target, type, value);
    }
    case Kind.decimal:
      if (!column.isPlain || type != BinaryType.numeric) return 0;
      return numericTo(target, column, start, end);
    case Kind.email:
      return type == BinaryType.text && isEmail(start, end) ? textTo(target, start, end) : 0;
    case Kind.date:
      if (!column.isPlain || type != BinaryType.date || !isDate(start, end)) return 0;
      return dateTo(target, start);
    case Kind.words: {
      const word = findWordInAnyCase(column.words, column.wordCount, start, end);
      if (word == null || word.meaningLength > column.longestWritten) return 0;
      return typedTo(target, type, word.meaning, word.meaning + word.meaningLength);
    }
    default:
      return 0;
  }
}

/** Writes `-12.50`, with few digits. Returns 0 if they are more, or it may be out of bounds. */
function numericTo(target: usize, column: Column, start: usize, end: usize): usize {
  const negative = load<u8>(start) == MINUS;
  const first = negative ? start + 1 : start;
  const points = i8x16.bitmask(i8x16.eq(v128.load(first), i8x16.splat(POINT)));
  const length = end - first;
  const whole = points == 0 ? length : min<usize>(length, ctz(points));
  const scale = whole < length ? length - whole - 1 : 0;
  if (whole == 0 || whole > WHOLE_DIGITS || scale > FRACTION_DIGITS) return 0;
  // A point without digits behind it.
  if (scale == 0 && whole < length) return 0;
  if (load<u8>(first) == ZERO && (whole > 1 || negative)) return 0;
  const integer = fewDigits(first, whole);
  let fraction = scale == 0 ? 0 : fewDigits(first + whole + 1, scale);
  if (integer == NO_DIGITS || fraction == NO_DIGITS) return 0;
  if (!areWithin(column, integer, scale > 0, negative)) return 0;
  for (let i = scale; i < FRACTION_DIGITS; i++) fraction *= 10;
  const wholeGroups: usize = integer == 0 ? 0 : integer < GROUP ? 1 : 2;
  const groups = wholeGroups + (scale > 0 ? 1 : 0);
  let next = numericHeadTo(target, groups, wholeGroups, negative, scale);
  if (wholeGroups == 2) {
    store<u16>(next, bswap<u16>(<u16> (integer / GROUP)));
    next += 2;
  }
  if (wholeGroups > 0) {
    store<u16>(next, bswap<u16>(<u16> (integer % GROUP)));
    next += 2;
  }
  if (scale > 0) {
    store<u16>(next, bswap<u16>(<u16> fraction));
    next += 2;
  }
  return next;
}
