/**
 * Writes values in COPY's binary format, from their canonical texts. `false`, with nothing written,
 * only means "not sure": then the whole batch is sent as text, and Postgres reads it.
 */
import { putPlain } from "./copy";
import { digit, twoDigits } from "./digits";
import { out, setOut } from "./output";

/** Postgres's types, with the names of row/copy_format.ts. */
export const enum BinaryType {
  /** The column is not written in the binary format. */
  none,
  /** All types whose bytes are the value itself. */
  text,
  bool,
  int2,
  int4,
  int8,
  float8,
  numeric,
  date,
  timestamp,
  uuid,
}

const MINUS: u8 = 45, POINT: u8 = 46, ZERO: u8 = 48, LETTER_T: u8 = 116;
/** NULL has -1 as its length. */
const NULL: u32 = 0xffff_ffff;
/** This many digits always fit into 64 bits without a sign. */
const MAX_INTEGER_DIGITS: usize = 19;
/** Numbers of this many digits are below 2^53, so a double holds them exactly. */
const EXACT_DIGITS: usize = 15;
/** A double also holds 10^22. One division of the two gives the nearest double (Clinger 1990). */
const MAX_EXACT_POWER: usize = 22;
/** Far longer than real numbers. The room for a row allows for this length. */
const MAX_NUMERIC_LENGTH: usize = 100;
const NEGATIVE: u16 = 0x4000;
/** Days from 0000-03-01 to 2000-01-01, from which Postgres counts. */
const POSTGRES_EPOCH: i32 = 730_425;
const DAY_MICROSECONDS: i64 = 86_400_000_000;

/** Begins a row with its number of columns. */
export function putColumnCount(columns: u32): void {
  store<u16>(out, bswap<u16>(<u16> columns));
  setOut(out + 2);
}

/** Begins a column with its length in bytes. */
// @ts-ignore: decorator
@inline
export function putLength(bytes: u32): void {
  store<u32>(out, bswap<u32>(bytes));
  setOut(out + 4);
}

/** Writes a column without a value. */
export function putNull(): void {
  putLength(NULL);
}

export function putBigint(value: i64): void {
  putLength(8);
  store<u64>(out, bswap<u64>(value));
  setOut(out + 8);
}

/** Writes a column of a type, from its value's text. Returns false if the kernel is not sure. */
export function putTyped(type: BinaryType, start: usize, end: usize): bool {
  switch (type) {
    case BinaryType.text:
      putLength(<u32> (end - start));
      putPlain(start, end);
      return true;
    case BinaryType.bool:
      putLength(1);
      store<u8>(out, <u8> (load<u8>(start) == LETTER_T));
      setOut(out + 1);
      return true;
    case BinaryType.int2:
    case BinaryType.int4:
    case BinaryType.int8:
      return putInteger(type, start, end);
    case BinaryType.float8:
      return putFloat(start, end);
    case BinaryType.numeric:
      return putNumeric(start, end);
    case BinaryType.date:
      return putDate(start, end);
    case BinaryType.timestamp:
      return putTimestamp(start, end);
    case BinaryType.uuid:
      return putUuid(start, end);
    default:
      return false;
  }
}

function putInteger(type: BinaryType, start: usize, end: usize): bool {
  const negative = start < end && load<u8>(start) == MINUS;
  const first = negative ? start + 1 : start;
  if (first == end || end - first > MAX_INTEGER_DIGITS) return false;
  let digits: u64 = 0;
  for (let i = first; i < end; i++) {
    const unit = digit(i);
    if (unit > 9) return false;
    digits = digits * 10 + unit;
  }
  if (digits > <u64> i64.MAX_VALUE + (negative ? 1 : 0)) return false;
  const value = negative ? -(<i64> digits) : <i64> digits;
  if (type == BinaryType.int8) {
    putBigint(value);
  } else if (type == BinaryType.int4) {
    if (value != <i64> (<i32> value)) return false;
    putLength(4);
    store<u32>(out, bswap<u32>(<u32> value));
    setOut(out + 4);
  } else {
    if (value != <i64> (<i16> value)) return false;
    putLength(2);
    store<u16>(out, bswap<u16>(<u16> value));
    setOut(out + 2);
  }
  return true;
}

/** Writes `-12.50` as the nearest double. */
function putFloat(start: usize, end: usize): bool {
  const negative = start < end && load<u8>(start) == MINUS;
  const first = negative ? start + 1 : start;
  let digits: u64 = 0;
  let point: usize = 0;
  for (let i = first; i < end; i++) {
    const unit = digit(i);
    if (unit <= 9) digits = digits * 10 + unit;
    else if (load<u8>(i) == POINT && point == 0) point = i;
    else return false;
  }
  const count: usize = end - first - (point == 0 ? 0 : 1);
  const power: usize = point == 0 ? 0 : end - point - 1;
  if (count == 0 || count > EXACT_DIGITS || power > MAX_EXACT_POWER) return false;
  let divisor: f64 = 1;
  for (let i: usize = 0; i < power; i++) divisor *= 10;
  const value = <f64> digits / divisor;
  putLength(8);
  store<u64>(out, bswap<u64>(reinterpret<u64>(negative ? -value : value)));
  setOut(out + 8);
  return true;
}

/** Writes `-12.50` as groups of four digits around the point. */
function putNumeric(start: usize, end: usize): bool {
  const negative = start < end && load<u8>(start) == MINUS;
  let first = negative ? start + 1 : start;
  if (first == end || end - first > MAX_NUMERIC_LENGTH) return false;
  let point = first;
  while (point < end && load<u8>(point) != POINT) point++;
  if (point == first) return false;
  if (point - first == 1 && load<u8>(first) == ZERO) first = point;
  const scale: usize = point < end ? end - point - 1 : 0;
  const whole = point - first;
  const wholeGroups = (whole + 3) >> 2;
  const groups = wholeGroups + ((scale + 3) >> 2);
  const begin = out;
  putLength(8 + 2 * <u32> groups);
  store<u16>(out, bswap<u16>(<u16> groups));
  store<u16>(out + 2, bswap<u16>(<u16> (<i32> wholeGroups - 1)));
  store<u16>(out + 4, bswap<u16>(negative ? NEGATIVE : 0));
  store<u16>(out + 6, bswap<u16>(<u16> scale));
  setOut(out + 8);
  const isNumber = putGroups(first, point, wholeGroups * 4 - whole) && putGroups(point + 1, end, 0);
  if (!isNumber) setOut(begin);
  return isNumber;
}

/**
 * Writes digits in groups of four. `missing`: how many leading zeros the first group gets; the last
 * group is filled up with trailing zeros. Returns false if anything isn't a digit.
 */
function putGroups(start: usize, end: usize, missing: usize): bool {
  let left = 4 - missing;
  let group: u32 = 0;
  for (let i = start; i < end; i++) {
    const unit = digit(i);
    if (unit > 9) return false;
    group = group * 10 + unit;
    if (--left == 0 || i + 1 == end) {
      for (; left > 0; left--) group *= 10;
      store<u16>(out, bswap<u16>(<u16> group));
      setOut(out + 2);
      left = 4;
      group = 0;
    }
  }
  return true;
}

/** Writes `2024-02-29`, which must be a day that exists. */
function putDate(start: usize, end: usize): bool {
  if (end - start != 10) return false;
  putLength(4);
  store<u32>(out, bswap<u32>(daysOf(start)));
  setOut(out + 4);
  return true;
}

/** Writes `2024-02-29 12:30:00`, with up to six digits after a point. */
function putTimestamp(start: usize, end: usize): bool {
  const length = end - start;
  if (length != 19 && (length < 21 || length > 26 || load<u8>(start + 19) != POINT)) return false;
  let microseconds: i64 = 0;
  for (let i: usize = 20; i < 26; i++) {
    const unit = i < length ? digit(start + i) : 0;
    if (unit > 9) return false;
    microseconds = microseconds * 10 + unit;
  }
  const seconds = (<i64> twoDigits(start + 11) * 60 + twoDigits(start + 14)) * 60 +
    twoDigits(start + 17);
  putBigint(<i64> daysOf(start) * DAY_MICROSECONDS + seconds * 1_000_000 + microseconds);
  return true;
}

/** Days since 2000-01-01. Years are counted from March, so that leap days are their last days. */
function daysOf(date: usize): i32 {
  const month = twoDigits(date + 5);
  const early = month < 3;
  const year = twoDigits(date) * 100 + twoDigits(date + 2) - (early ? 1 : 0);
  const sinceMarch = early ? month + 9 : month - 3;
  const days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * sinceMarch + 2) / 5 +
    twoDigits(date + 8) - 1;
  return <i32> days - POSTGRES_EPOCH;
}

/** Writes a UUID that is in lower case, with hyphens. */
function putUuid(start: usize, end: usize): bool {
  if (end - start != 36) return false;
  putLength(16);
  let target = out;
  for (let i = start; i < end; i += 2) {
    if (load<u8>(i) == MINUS) i++;
    store<u8>(target++, (hexDigit(i) << 4) | hexDigit(i + 1));
  }
  setOut(target);
  return true;
}

// @ts-ignore: decorator
@inline
function hexDigit(at: usize): u8 {
  const byte = load<u8>(at);
  return byte > 57 ? byte - 87 : byte - ZERO;
}
