/** Notes where the fields of a record of JSON are, and reads those that are texts. */
import { FIELD_ESCAPED, FIELD_NOT_ASCII, FIELD_NULL, FIELD_QUOTED } from "../../source/field_flags";
import { escapeEnd } from "./json";
import { escapesAreText } from "./json_text";
import { expectedFields, fieldEnds, fieldFlags, fieldStarts } from "./source";
import { isUtf8 } from "./utf8";
import { below, VECTOR } from "./vectors";

const QUOTE: u8 = 34, BACKSLASH: u8 = 92;

/** Without a value, all fields are like this. */
export function beginFields(start: usize): void {
  const place = i32x4.splat(<i32> start);
  for (let i: u32 = 0; i < expectedFields; i += 4) v128.store(fieldStarts + (i << 2), place);
  for (let i: u32 = 0; i < expectedFields; i += 4) v128.store(fieldEnds + (i << 2), place);
  for (let i: u32 = 0; i < expectedFields; i += <u32> VECTOR) {
    v128.store(fieldFlags + i, i8x16.splat(<i8> FIELD_NULL));
  }
}

// @ts-ignore: decorator
@inline
export function putField(field: u32, start: usize, end: usize, flags: u8): void {
  store<u32>(fieldStarts + (field << 2), <u32> start);
  store<u32>(fieldEnds + (field << 2), <u32> end);
  store<u8>(fieldFlags + field, flags);
}

/**
 * Returns the place behind a text; 0 if it is unusual. `start`: behind the opening quote. `field`: -1 if
 * it is none.
 */
// @ts-ignore: decorator
@inline
export function readText(start: usize, end: usize, field: i32): usize {
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
    const notAscii = i8x16.bitmask(vector);
    if (special == 0) {
      if (notAscii != 0) flags |= <u8> FIELD_NOT_ASCII;
      i += VECTOR;
      continue;
    }
    const first = ctz(special);
    if ((notAscii & below(first)) != 0) flags |= <u8> FIELD_NOT_ASCII;
    i += first;
    if (i >= end) return 0;
    const byte = load<u8>(i);
    if (byte == QUOTE) {
      if ((flags & FIELD_NOT_ASCII) != 0 && !isUtf8(start, i)) return 0;
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
