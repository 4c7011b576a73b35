/**
 * Numbers as people write them: `1.234,56`, `+7`, `007`, `.5`, `5.`. The same as in
 * row/types/number_format.ts and numeric.ts, but exponents and negative zeros are the caller's.
 */
import { Column } from "./column";
import { setValue, valueRoom } from "./value";
import { areWithin, EXACT_DIGITS } from "./values";

const ZERO: u8 = 48, PLUS: u8 = 43, MINUS: u8 = 45, POINT: u8 = 46;
/** A group between two separators has as many digits. */
const GROUP: u32 = 3;
const LONGEST: usize = 40;

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
  for (; i < end; i++) {
    const byte = load<u8>(i);
    const unit: u8 = byte - ZERO;
    if (unit <= 9) {
      group++;
      if (unit == 0 && to == first) continue;
      store<u8>(to++, byte);
      whole = whole * 10 + unit;
    } else {
      if (byte != column.thousands) break;
      if (group == 0 || (grouped ? group != GROUP : group > GROUP)) return false;
      grouped = true;
      group = 0;
    }
  }
  if ((grouped && group != GROUP) || to - first > EXACT_DIGITS) return false;
  let isZero = to == first;
  if (isZero) store<u8>(to++, ZERO);
  let hasFraction = false;
  if (i < end) {
    if (load<u8>(i) != column.decimal) return false;
    hasFraction = ++i < end;
    if (hasFraction) store<u8>(to++, POINT);
    else if (group == 0) return false;
    for (; i < end; i++) {
      const byte = load<u8>(i);
      if (<u8> (byte - ZERO) > 9) return false;
      if (byte != ZERO) isZero = false;
      store<u8>(to++, byte);
    }
  } else if (group == 0) {
    return false;
  }
  if ((negative && isZero) || !areWithin(column, whole, hasFraction, negative)) return false;
  if (negative) store<u8>(first - 1, MINUS);
  setValue(negative ? first - 1 : first, to);
  return true;
}
