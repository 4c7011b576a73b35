/** Reads quoted fields. source/csv/quoted_field.ts defines what they are. */
import { FIELD_DOUBLED_QUOTES, FIELD_NOT_ASCII } from "../../source/field_flags";
import { Answer } from "./answer";
import { isBlank, passCarriageReturns } from "./blanks";
import { delimiter, final, newline, quote, strict, tolerant } from "./source";
import { BLOCK } from "./block";
import { below, VECTOR, within } from "./vectors";

const LF: u8 = 10;

const DOUBLED_QUOTES = <u8> FIELD_DOUBLED_QUOTES;
const NOT_ASCII = <u8> FIELD_NOT_ASCII;

export const CLOSED: i32 = -1;
/** It is never closed, or followed by text. */
export const BROKEN: i32 = -2;
/**
 * The quoted field that was read last: its closing quote, the end of the blanks behind it, and the
 * later byte that ends it.
 */
export let quotedEnd: usize = 0;
export let quotedBehind: usize = 0;
export let quotedStop: usize = 0;
export let quotedFlags: u8 = 0;
export let quotedLines: u32 = 0;

/**
 * Is the field, whose quote opens at `open`, closed in the block at `base`, and ends there, without
 * anything in it but delimiters and bytes beyond ASCII? Then it is read. The bits: see block.ts.
 */
// @ts-ignore: decorator
@inline
export function closesAt(
  open: usize,
  base: usize,
  delimiters: u64,
  newlines: u64,
  odd: u64,
): bool {
  const inside = <u64> -2 << (open - base);
  let flags: u8 = 0;
  let left = open - base < BLOCK ? odd & inside : 0;
  while (left != 0 && load<u8>(base + <usize> ctz(left)) > 127) {
    flags = NOT_ASCII;
    left &= left - 1;
  }
  if (left == 0) return false;
  const closing = left & -left;
  const close = base + <usize> ctz(left);
  if (<i32> load<u8>(close) != quote) return false;
  if ((newlines & inside & (closing - 1)) != 0) return false;
  if (((delimiters | newlines) & (closing << 1)) == 0) return false;
  quotedEnd = close;
  quotedBehind = close + 1;
  quotedStop = close + 1;
  quotedFlags = flags;
  quotedLines = 0;
  return true;
}

/** `from`: after the opening quote. Returns CLOSED, BROKEN or an Answer. */
export function readQuoted(from: usize, end: usize): i32 {
  const quotes = i8x16.splat(<i8> quote);
  const newlines = i8x16.splat(<i8> newline);
  let flags: u8 = 0;
  let linesInside: u32 = 0;
  let i = from;
  for (;;) {
    if (i >= end) return final ? BROKEN : Answer.incomplete;
    const vector = v128.load(i);
    const found = i8x16.bitmask(i8x16.eq(vector, quotes)) & within(i, end);
    const inside = found == 0 ? within(i, end) : below(ctz(found));
    linesInside += popcnt(i8x16.bitmask(i8x16.eq(vector, newlines)) & inside);
    if ((i8x16.bitmask(vector) & inside) != 0) flags |= NOT_ASCII;
    const nuls = i8x16.bitmask(i8x16.eq(vector, i8x16.splat(0))) & inside;
    if (strict && nuls != 0) return Answer.unusual;
    if (found == 0) {
      i += VECTOR;
      continue;
    }
    i += ctz(found);
    if (i + 1 >= end || <i32> load<u8>(i + 1) != quote) break;
    flags |= DOUBLED_QUOTES;
    i += 2;
  }
  quotedEnd = i;
  quotedFlags = flags;
  quotedLines = linesInside;
  return endQuoted(i + 1, end);
}

/** Judges what follows a closing quote. */
function endQuoted(behind: usize, end: usize): i32 {
  let i = behind;
  if (tolerant) while (i < end && isBlank(load<u8>(i))) i++;
  quotedBehind = i;
  quotedStop = newline == LF ? passCarriageReturns(i, end) : i;
  if (quotedStop >= end) return final ? CLOSED : Answer.incomplete;
  const byte = load<u8>(quotedStop);
  return byte == delimiter || byte == newline ? CLOSED : BROKEN;
}

/** The quote that opens the field at `from`, which begins with blanks; 0 if there is none. */
export function quoteAfterBlanks(from: usize, end: usize): usize {
  let i = from;
  while (i < end && isBlank(load<u8>(i))) i++;
  return i > from && i < end && <i32> load<u8>(i) == quote ? i : 0;
}
