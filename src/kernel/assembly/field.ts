/** The first steps of every field: its quotes, white space around it, and null words. */
import {
  FIELD_DOUBLED_QUOTES,
  FIELD_ESCAPED,
  FIELD_NULL,
  FIELD_QUOTED,
} from "../../source/field_flags";
import { Column } from "./column";
import { unescapeTo } from "./json_text";
import { takeScratch } from "./scratch";
import { fieldEnds, fieldFlags, fieldStarts, quote } from "./source";
import { setNull, setText } from "./text";
import { VECTOR } from "./vectors";
import { afterBlanks, beforeBlanks } from "./white_space";
import { findWord } from "./words";

/** Most fields have none of these. */
const ODD = FIELD_DOUBLED_QUOTES | FIELD_ESCAPED | FIELD_NULL | FIELD_QUOTED;

/** Makes the field the text. Returns false if the caller must do it. */
// @ts-ignore: decorator
@inline
export function takeField(column: Column, field: u32): bool {
  const flags: i32 = load<u8>(fieldFlags + field);
  let start: usize = load<u32>(fieldStarts + (field << 2));
  let end: usize = load<u32>(fieldEnds + (field << 2));
  if ((flags & ODD) != 0) {
    if ((flags & FIELD_NULL) != 0) {
      setNull();
      return true;
    }
    if ((flags & FIELD_QUOTED) != 0 && column.keepsQuotes) {
      setText(start - 1, end + 1);
      return true;
    }
    if ((flags & (FIELD_DOUBLED_QUOTES | FIELD_ESCAPED)) != 0) {
      const text = takeScratch(end - start);
      if (text == 0) return false;
      end = (flags & FIELD_ESCAPED) != 0
        ? unescapeTo(text, start, end)
        : undouble(start, end, text);
      start = text;
    }
  }
  if (column.trim) {
    start = afterBlanks(start, end);
    end = beforeBlanks(start, end);
  }
  if (
    <i32> (end - start) <= column.longestNull &&
    findWord(column.nulls, column.nullCount, start, end) != null &&
    !(column.nullsUnquoted && (flags & FIELD_QUOTED) != 0)
  ) {
    setNull();
  } else {
    setText(start, end);
  }
  return true;
}

/** Writes one quote for two, and returns where what was written ends. */
export function undouble(from: usize, to: usize, target: usize): usize {
  const quotes = i8x16.splat(<i8> quote);
  let i = from;
  while (i < to) {
    const vector = v128.load(i);
    v128.store(target, vector);
    const found = i8x16.bitmask(i8x16.eq(vector, quotes));
    // What lies behind the end is written, too, but doesn't count.
    const copied = min<usize>(found == 0 ? VECTOR : ctz(found) + 1, to - i);
    target += copied;
    i += copied;
    if (found != 0 && i < to) i++;
  }
  return target;
}
