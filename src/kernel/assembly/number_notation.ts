/**
 * Numbers as people write them: `1.234,56`, `+7`, `007`, `.5`, `5.`, `1.5E-03`. The same as in
 * row/types/number_format.ts and numeric.ts, but negative zeros are the caller's.
 */
import { Column, Kind } from "./column";
import { setValue, valueRoom } from "./value";
import { areWithin, EXACT_DIGITS } from "./values";

const ZERO: u8 = 48, PLUS: u8 = 43, MINUS: u8 = 45, POINT: u8 = 46, SPACE: u8 = 32;
const APOSTROPHE: u8 = 39, LETTER_E: u8 = 101, LOWER: u8 = 32;
/** A group between two separators has as many digits. */
const GROUP: u32 = 3;
const LONGEST: usize = 40;
/** So many digits before the point fit into 63 bits. */
const MOST_DIGITS: usize = 18;
/** With such an exponent and so many decimals, a number that isn't zero is not zero in any type. */
const MAX_EXPONENT: u32 = 20, EXPONENT_PLACES: usize = 20;

/** Reads a number in the column's notation. */
export function readNumber(column: Column, start: usize, end: usize): bool {
  if (start == end || end - start > LONGEST) return false;
  const sign = load<u8>(start);
  const negative = sign == MINUS;
  let i = negative || sign == PLUS ? start + 1 : start;
  // A place is left for the sign.
  const first = valueRoom() + 1;
  let to = first;
  let whole: i64 = 0;
  let group: u32 = 0;
  let grouped = false;
  while (i < end) {
    const byte = load<u8>(i);
    const unit: u8 = byte - ZERO;
    if (unit <= 9) {
      group++;
      i++;
      if (unit == 0 && to == first) continue;
      store<u8>(to++, byte);
      whole = whole * 10 + unit;
    } else {
      const separator = byte == column.thousands ? 1 : lookalike(column, i, end);
      if (separator == 0) break;
      if (group == 0 || (grouped ? group != GROUP : group > GROUP)) return false;
      grouped = true;
      group = 0;
      i += separator;
    }
  }
  const digits = to - first;
  if ((grouped && group != GROUP) || digits > MOST_DIGITS) return false;
  let isZero = to == first;
  if (isZero) store<u8>(to++, ZERO);
  let places: usize = 0;
  if (i < end && load<u8>(i) == column.decimal) {
    const point = i++;
    store<u8>(to, POINT);
    for (; i < end; i++) {
      const byte = load<u8>(i);
      if (<u8> (byte - ZERO) > 9) break;
      if (byte != ZERO) isZero = false;
      store<u8>(to + (i - point), byte);
    }
    places = i - point - 1;
    if (places > 0) to += i - point;
  }
  if (group == 0 && places == 0) return false;
  if ((negative && isZero) || !areWithin(column, whole, places > 0, negative)) return false;
  if (digits > EXACT_DIGITS && !areInside(column, whole, negative)) return false;
  if (i < end) to = places > EXPONENT_PLACES ? 0 : exponentTo(to, column, i, end);
  if (to == 0) return false;
  if (negative) store<u8>(first - 1, MINUS);
  setValue(negative ? first - 1 : first, to);
  return true;
}

/**
 * Are all numbers with this whole part between the bounds, but not at them? As a double, it may be its
 * neighbour, which is on the same side of a bound, or is the bound.
 */
function areInside(column: Column, whole: i64, negative: bool): bool {
  const near = <f64> whole;
  const far = <f64> (whole + 1);
  return negative
    ? -far > column.lowest && -near < column.highest
    : near > column.lowest && far < column.highest;
}

/** The length of a typographic separator between thousands; 0 if there is none. */
function lookalike(column: Column, at: usize, end: usize): usize {
  if (column.isAscii) return 0;
  const word = load<u16>(at);
  if (column.thousands == SPACE && word == 0xa0c2) return 2;
  if (word != 0x80e2 || end - at < 3) return 0;
  const last = load<u8>(at + 2);
  // U+2009 and U+202F, and U+2019.
  const isOne = column.thousands == SPACE
    ? last == 0x89 || last == 0xaf
    : column.thousands == APOSTROPHE && last == 0x99;
  return isOne ? 3 : 0;
}

/** Writes a small exponent, and returns where it ends; 0 if there is another one or none. */
function exponentTo(target: usize, column: Column, start: usize, end: usize): usize {
  // The caller compares such numbers with bounds.
  if (column.lowest != -Infinity || column.highest != Infinity) return 0;
  if (column.kind != Kind.decimal || (load<u8>(start) | LOWER) != LETTER_E) return 0;
  const sign = load<u8>(start + 1);
  let i = sign == MINUS || sign == PLUS ? start + 2 : start + 1;
  if (i >= end) return 0;
  let exponent: u32 = 0;
  for (; i < end; i++) {
    const unit: u8 = load<u8>(i) - ZERO;
    if (unit > 9) return 0;
    exponent = exponent * 10 + unit;
    if (exponent > MAX_EXPONENT) return 0;
  }
  if (exponent == 0) return target;
  let to = target;
  store<u8>(to++, LETTER_E);
  if (sign == MINUS) store<u8>(to++, MINUS);
  if (exponent > 9) store<u8>(to++, ZERO + <u8> (exponent / 10));
  store<u8>(to++, ZERO + <u8> (exponent % 10));
  return to;
}
