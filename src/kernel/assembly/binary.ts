/**
 * Writes values in COPY's binary format, from their canonical texts. `false`, with nothing written,
 * only means "not sure": then the whole batch is sent as text, and Postgres reads it.
 */
import { BinaryType, integerTo, lengthTo } from "./binary_type";
import { dateTo, timestampTo, timeTo } from "./binary_moment";
import { copyTo } from "./copy";
import { digit } from "./digits";
import { out, setOut } from "./output";
import { putUuidBytes } from "./uuid";

const MINUS: u8 = 45, POINT: u8 = 46, ZERO: u8 = 48, LETTER_E: u8 = 101, LETTER_T: u8 = 116;
/** NULL has -1 as its length. */
const NULL: u32 = 0xffff_ffff;
/** This many digits always fit into 64 bits without a sign. */
const MAX_INTEGER_DIGITS: usize = 19;
/** Numbers of this many digits are below 2^53, so a double holds them exactly. */
const EXACT_DIGITS: usize = 15;
/**
 * A double also holds 10^22. One division or multiplication of the two gives the nearest double
 * (Clinger 1990).
 */
const MAX_EXACT_POWER: i32 = 22, TOO_LARGE: i32 = 1000;
/** The bits of a double that a float4 has no room for. */
const DROPPED_BITS: u64 = 0x1fff_ffff, HALF_WAY: u64 = 0x1000_0000;
/** Between these, a float4 has all its digits. */
const SMALLEST_FLOAT4: f64 = 1.2e-38, LARGEST_FLOAT4: f64 = 3.4e38;
/** Far longer than real numbers. The room for a row allows for this length. */
const MAX_NUMERIC_LENGTH: usize = 100;
const NEGATIVE: u16 = 0x4000;

/** Begins a row with its number of columns. */
export function putColumnCount(columns: u32): void {
  store<u16>(out, bswap<u16>(<u16> columns));
  setOut(out + 2);
}

/** Begins a column with its length in bytes. */
export function putLength(bytes: u32): void {
  setOut(lengthTo(out, bytes));
}

/** Writes a column without a value. */
export function putNull(): void {
  setOut(nullTo(out));
}

export function putBigint(value: i64): void {
  setOut(integerTo(out, BinaryType.int8, value));
}

/** Writes a column of a type, from its value's text. Returns false if the kernel is not sure. */
export function putTyped(type: BinaryType, start: usize, end: usize): bool {
  const next = typedTo(out, type, start, end);
  if (next == 0) return false;
  setOut(next);
  return true;
}

// Each of these writes at `target`, and returns where what it wrote ends; 0 if it is not sure.

// @ts-ignore: decorator
@inline
export function nullTo(target: usize): usize {
  return lengthTo(target, NULL);
}

/** Writes bytes that are the value itself. */
// @ts-ignore: decorator
@inline
export function textTo(target: usize, start: usize, end: usize): usize {
  return copyTo(lengthTo(target, <u32> (end - start)), start, end);
}

export function typedTo(target: usize, type: BinaryType, start: usize, end: usize): usize {
  switch (type) {
    case BinaryType.text:
      return textTo(target, start, end);
    case BinaryType.bool:
      store<u8>(lengthTo(target, 1), <u8> (load<u8>(start) == LETTER_T));
      return target + 5;
    case BinaryType.int2:
    case BinaryType.int4:
    case BinaryType.int8:
      return digitsTo(target, type, start, end);
    case BinaryType.float4:
    case BinaryType.float8:
      return floatTo(target, type, start, end);
    case BinaryType.numeric:
      return numericTo(target, start, end);
    case BinaryType.date:
      return end - start == 10 ? dateTo(target, start) : 0;
    case BinaryType.timestamp:
      return timestampTo(target, false, start, end);
    case BinaryType.timestamptz:
      return timestampTo(target, true, start, end);
    case BinaryType.time:
      return timeTo(target, start, end);
    case BinaryType.uuid:
      return uuidTo(target, start, end);
    case BinaryType.jsonb:
      // The only version of the format is 1: the JSON's text.
      store<u8>(lengthTo(target, <u32> (end - start) + 1), 1);
      return copyTo(target + 5, start, end);
    default:
      return 0;
  }
}

function digitsTo(target: usize, type: BinaryType, start: usize, end: usize): usize {
  const negative = start < end && load<u8>(start) == MINUS;
  const first = negative ? start + 1 : start;
  if (first == end || end - first > MAX_INTEGER_DIGITS) return 0;
  let digits: u64 = 0;
  for (let i = first; i < end; i++) {
    const unit = digit(i);
    if (unit > 9) return 0;
    digits = digits * 10 + unit;
  }
  if (digits > <u64> i64.MAX_VALUE + (negative ? 1 : 0)) return 0;
  return integerTo(target, type, negative ? -(<i64> digits) : <i64> digits);
}

/** Writes `-12.50` as the nearest double, or as the nearest number of half that length. */
function floatTo(target: usize, type: BinaryType, start: usize, end: usize): usize {
  const negative = start < end && load<u8>(start) == MINUS;
  const first = negative ? start + 1 : start;
  let digits: u64 = 0;
  let point: usize = 0;
  let i = first;
  for (; i < end; i++) {
    const unit = digit(i);
    if (unit <= 9) digits = digits * 10 + unit;
    else if (load<u8>(i) == POINT && point == 0) point = i;
    else break;
  }
  const count: usize = i - first - (point == 0 ? 0 : 1);
  if (count == 0 || count > EXACT_DIGITS) return 0;
  const places = point == 0 ? 0 : <i32> (i - point) - 1;
  const power = (i < end ? exponentOf(i, end) : 0) - places;
  const distance = power < 0 ? -power : power;
  if (distance > MAX_EXACT_POWER) return 0;
  let factor: f64 = 1;
  for (let p: i32 = 0; p < distance; p++) factor *= 10;
  const nearest = power < 0 ? <f64> digits / factor : <f64> digits * factor;
  const bits = reinterpret<u64>(negative ? -nearest : nearest);
  if (type == BinaryType.float8) {
    store<u64>(lengthTo(target, 8), bswap<u64>(bits));
    return target + 12;
  }
  // The double is rounded once more. Where it lies half way, the decimals may not.
  if ((bits & DROPPED_BITS) == HALF_WAY || nearest > LARGEST_FLOAT4) return 0;
  if (nearest < SMALLEST_FLOAT4 && digits != 0) return 0;
  const float4 = <f32> reinterpret<f64>(bits);
  store<u32>(lengthTo(target, 4), bswap<u32>(reinterpret<u32>(float4)));
  return target + 8;
}

/** The number behind the `e` of `e-12`; far too large if there is another form. */
function exponentOf(start: usize, end: usize): i32 {
  const negative = start + 1 < end && load<u8>(start + 1) == MINUS;
  const first = negative ? start + 2 : start + 1;
  if (load<u8>(start) != LETTER_E || first == end || end - first > 2) return TOO_LARGE;
  let exponent: i32 = 0;
  for (let i = first; i < end; i++) {
    const unit = digit(i);
    if (unit > 9) return TOO_LARGE;
    exponent = exponent * 10 + unit;
  }
  return negative ? -exponent : exponent;
}

/** Writes `-12.50` as groups of four digits around the point. */
function numericTo(target: usize, start: usize, end: usize): usize {
  const negative = start < end && load<u8>(start) == MINUS;
  let first = negative ? start + 1 : start;
  if (first == end || end - first > MAX_NUMERIC_LENGTH) return 0;
  let point = first;
  while (point < end && load<u8>(point) != POINT) point++;
  if (point == first) return 0;
  if (point - first == 1 && load<u8>(first) == ZERO) first = point;
  const scale: usize = point < end ? end - point - 1 : 0;
  const whole = point - first;
  const wholeGroups = (whole + 3) >> 2;
  const groups = wholeGroups + ((scale + 3) >> 2);
  const head = numericHeadTo(target, groups, wholeGroups, negative, scale);
  const middle = groupsTo(head, first, point, wholeGroups * 4 - whole);
  return middle == 0 ? 0 : groupsTo(middle, point + 1, end, 0);
}

/** Begins a numeric: how many groups of four digits it has, how many before the point. */
// @ts-ignore: decorator
@inline
export function numericHeadTo(
  target: usize,
  groups: usize,
  wholeGroups: usize,
  negative: bool,
  scale: usize,
): usize {
  const head = lengthTo(target, 8 + 2 * <u32> groups);
  store<u16>(head, bswap<u16>(<u16> groups));
  store<u16>(head + 2, bswap<u16>(<u16> (<i32> wholeGroups - 1)));
  store<u16>(head + 4, bswap<u16>(negative ? NEGATIVE : 0));
  store<u16>(head + 6, bswap<u16>(<u16> scale));
  return head + 8;
}

/**
 * Writes digits in groups of four. `missing`: how many leading zeros the first group gets; the last
 * group is filled up with trailing zeros. Returns 0 if anything isn't a digit.
 */
function groupsTo(target: usize, start: usize, end: usize, missing: usize): usize {
  let next = target;
  let left = 4 - missing;
  let group: u32 = 0;
  for (let i = start; i < end; i++) {
    const unit = digit(i);
    if (unit > 9) return 0;
    group = group * 10 + unit;
    if (--left == 0 || i + 1 == end) {
      for (; left > 0; left--) group *= 10;
      store<u16>(next, bswap<u16>(<u16> group));
      next += 2;
      left = 4;
      group = 0;
    }
  }
  return next;
}

/** Writes a UUID that is in lower case, with hyphens. */
function uuidTo(target: usize, start: usize, end: usize): usize {
  if (end - start != 36) return 0;
  putUuidBytes(lengthTo(target, 16), start);
  return target + 20;
}
