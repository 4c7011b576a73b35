/** Is a value canonical: of its type, and in the form that Postgres gets? */
import { Column } from "./column";
import { digit, fewDigits, NO_DIGITS, twoDigits } from "./digits";

const ZERO: u8 = 48, MINUS: u8 = 45, POINT: u8 = 46, COLON: u8 = 58, SPACE: u8 = 32;
/** Below 2^53, so that a double holds it exactly. */
export const EXACT_DIGITS: usize = 15;
const PLAIN_LENGTH: usize = 30;

/** Digits without leading zeros, at most 15 of them, within the bounds. */
export function isInteger(column: Column, start: usize, end: usize): bool {
  const value = integerOf(start, end);
  return value != NO_INTEGER && isBetween(column, <f64> value);
}

/** It is not certain that the text is an integer. */
export const NO_INTEGER: i64 = i64.MIN_VALUE;

/** The number that digits without leading zeros make, at most 15 of them; or NO_INTEGER. */
export function integerOf(start: usize, end: usize): i64 {
  const negative = start < end && load<u8>(start) == MINUS;
  const first = negative ? start + 1 : start;
  if (end <= first || end - first > EXACT_DIGITS) return NO_INTEGER;
  if (load<u8>(first) == ZERO && (negative || end - first > 1)) return NO_INTEGER;
  const few = min<usize>(end - first, 8);
  const last = fewDigits(end - few, few);
  let value = last;
  if (end - first > few) {
    const before = fewDigits(first, end - few - first);
    if (before == NO_DIGITS) return NO_INTEGER;
    value += before * 100_000_000;
  }
  if (last == NO_DIGITS) return NO_INTEGER;
  return negative ? -(<i64> value) : <i64> value;
}

// @ts-ignore: decorator
@inline
export function isBetween(column: Column, number: f64): bool {
  return number >= column.lowest && number <= column.highest;
}

/** `-12.50`: no sign or leading zeros to drop, and certainly within the bounds. */
export function isDecimal(column: Column, start: usize, end: usize): bool {
  if (end == start || end - start > PLAIN_LENGTH) return false;
  const negative = load<u8>(start) == MINUS;
  const first = negative ? start + 1 : start;
  let whole: i64 = 0;
  let i = first;
  for (; i < end; i++) {
    const unit = digit(i);
    if (unit > 9) break;
    if (i - first < EXACT_DIGITS) whole = whole * 10 + unit;
  }
  const digits = i - first;
  if (digits == 0 || digits > EXACT_DIGITS) return false;
  if (load<u8>(first) == ZERO && (digits > 1 || negative)) return false;
  if (i < end) {
    if (load<u8>(i) != POINT || i + 1 == end) return false;
    for (let k = i + 1; k < end; k++) if (digit(k) > 9) return false;
  }
  return areWithin(column, whole, i < end, negative);
}

/** Are all numbers with this whole part, and maybe a fraction, within the column's bounds? */
// @ts-ignore: decorator
@inline
export function areWithin(column: Column, whole: i64, hasFraction: bool, negative: bool): bool {
  // They lie in [whole, whole + 1), or its mirror image. The caller judges values near a bound.
  const near = <f64> whole;
  const far = <f64> (hasFraction ? whole + 1 : whole);
  return negative
    ? -far >= column.lowest && -near <= column.highest
    : near >= column.lowest && far <= column.highest;
}

/** `2024-02-29`: a day that exists, in the years 1 to 9999. */
export function isDate(start: usize, end: usize): bool {
  if (end - start != 10) return false;
  if (load<u8>(start + 4) != MINUS || load<u8>(start + 7) != MINUS) return false;
  const century = twoDigits(start);
  const ofCentury = twoDigits(start + 2);
  const month = twoDigits(start + 5);
  const day = twoDigits(start + 8);
  if (century > 99 || ofCentury > 99 || day > 31 || day < 1) return false;
  if (month < 1 || month > 12 || (century == 0 && ofCentury == 0)) return false;
  if (day <= 28) return true;
  if (month == 2) {
    const leaps = ofCentury == 0 ? century : ofCentury;
    return day == 29 && leaps % 4 == 0;
  }
  return day <= 30 || ((0b1010110101010 >> month) & 1) == 1;
}

/** `2024-02-29 12:30:00`. */
export function isTimestamp(start: usize, end: usize): bool {
  if (end - start != 19 || load<u8>(start + 10) != SPACE) return false;
  if (load<u8>(start + 13) != COLON || load<u8>(start + 16) != COLON) return false;
  if (twoDigits(start + 11) > 23 || twoDigits(start + 14) > 59) return false;
  return twoDigits(start + 17) <= 59 && isDate(start, start + 10);
}

/** Is a text's length within its limits? Counts characters only if the bytes don't decide. */
export function hasLength(column: Column, start: usize, end: usize): bool {
  const bytes = <u32> (end - start);
  // A character has at most four bytes.
  if (bytes <= column.maxLength && bytes >= column.minLength << 2) return true;
  let characters: u32 = 0;
  for (let i = start; i < end; i++) if ((load<u8>(i) & 0xc0) != 0x80) characters++;
  return characters <= column.maxLength && characters >= column.minLength;
}
