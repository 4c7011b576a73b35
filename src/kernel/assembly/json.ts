/**
 * Is a text JSON? The same as `JSON.parse` (RFC 8259), in one pass. `false` only means "not sure",
 * as for values that are nested more deeply than usual.
 */
import { among, VECTOR, within } from "./vectors";

const QUOTE: u8 = 34, COMMA: u8 = 44, COLON: u8 = 58, BACKSLASH: u8 = 92;
const OPEN_ARRAY: u8 = 91, CLOSE_ARRAY: u8 = 93, OPEN_OBJECT: u8 = 123, CLOSE_OBJECT: u8 = 125;
const ZERO: u8 = 48, PLUS: u8 = 43, MINUS: u8 = 45, POINT: u8 = 46, LOWER: u8 = 32;
const LETTER_E: u8 = 101, LETTER_U: u8 = 117;
/** `true`, `null` and the end of `false`, read as one number. */
const TRUE: u32 = 0x65757274, NULL: u32 = 0x6c6c756e, ALSE: u32 = 0x65736c61, LETTER_F: u8 = 102;
const TAB: u8 = 9, LF: u8 = 10, CR: u8 = 13, SPACE: u8 = 32;
/** One bit for each level. */
const DEEPEST: u32 = 64;

/** Line ends among the blanks that were passed. Valid texts have none. */
export let lineEnds: u32 = 0;
/** Not 0 if a text that was passed, or a byte shortly behind it, is not ASCII. */
export let wide: i32 = 0;

export function forgetBytes(): void {
  lineEnds = 0;
  wide = 0;
}

/** Takes note of bytes that were passed without the functions of this file. */
export function noteBytes(lines: u32, wideBits: i32): void {
  lineEnds += lines;
  wide |= wideBits;
}

export function isJson(start: usize, end: usize): bool {
  const stop = valueEnd(start, end);
  return stop != 0 && passBlanks(stop, end) == end;
}

/** The place behind the value that begins at `start` or behind blanks; 0 if there is none. */
export function valueEnd(start: usize, end: usize): usize {
  let depth: u32 = 0;
  /** The lowest bit belongs to the innermost level: 1 for an object. */
  let objects: u64 = 0;
  let i = passBlanks(start, end);
  while (i < end) {
    // A value begins here.
    const byte = load<u8>(i);
    let isOver = true;
    if (byte == OPEN_OBJECT || byte == OPEN_ARRAY) {
      const isObject = byte == OPEN_OBJECT;
      if (depth++ == DEEPEST) return 0;
      objects = (objects << 1) | u64(isObject);
      i = passBlanks(i + 1, end);
      isOver = i < end && load<u8>(i) == closing(objects);
      if (!isOver && isObject) i = nameEnd(i, end);
    } else {
      i = scalarEnd(i, byte, end);
    }
    if (i == 0) return 0;
    // A value has ended, or the innermost level is about to.
    while (isOver) {
      if (depth == 0) return i;
      i = passBlanks(i, end);
      if (i == end) return 0;
      const next = load<u8>(i++);
      isOver = next != COMMA;
      if (isOver) {
        if (next != closing(objects)) return 0;
        depth--;
        objects >>= 1;
      } else if ((objects & 1) != 0) {
        i = nameEnd(passBlanks(i, end), end);
        if (i == 0) return 0;
      }
    }
    i = passBlanks(i, end);
  }
  return 0;
}

/** What closes the innermost level. */
// @ts-ignore: decorator
@inline
function closing(objects: u64): u8 {
  return (objects & 1) != 0 ? CLOSE_OBJECT : CLOSE_ARRAY;
}

// @ts-ignore: decorator
@inline
export function passBlanks(from: usize, end: usize): usize {
  // Most bytes are letters and digits: one comparison is enough.
  return from < end && load<u8>(from) <= SPACE ? passSome(from, end) : from;
}

function passSome(from: usize, end: usize): usize {
  let i = from;
  for (; i < end; i++) {
    const byte = load<u8>(i);
    if (byte == LF) lineEnds++;
    else if (byte != SPACE && byte != CR && byte != TAB) break;
  }
  return i;
}

/** The place behind a name and its colon; 0 if there is none. */
function nameEnd(start: usize, end: usize): usize {
  if (start == end || load<u8>(start) != QUOTE) return 0;
  let i = stringEnd(start + 1, end);
  if (i == 0) return 0;
  i = passBlanks(i, end);
  return i < end && load<u8>(i) == COLON ? i + 1 : 0;
}

/** The place behind a text, a number or a word; 0 if there is none. */
export function scalarEnd(start: usize, first: u8, end: usize): usize {
  if (first == QUOTE) return stringEnd(start + 1, end);
  if (first == MINUS || <u8> (first - ZERO) < 10) return numberEnd(start, end);
  const word = load<u32>(start);
  let last = start + 4;
  if (first == LETTER_F) {
    if (load<u32>(start + 1) != ALSE) return 0;
    last++;
  } else if (word != TRUE && word != NULL) {
    return 0;
  }
  return last <= end ? last : 0;
}

/** `start`: behind the first quote. */
function stringEnd(start: usize, end: usize): usize {
  const quotes = i8x16.splat(<i8> QUOTE);
  const backslashes = i8x16.splat(<i8> BACKSLASH);
  const controls = i8x16.splat(32);
  let i = start;
  while (i < end) {
    const vector = v128.load(i);
    wide |= i8x16.bitmask(vector);
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(vector, quotes), i8x16.eq(vector, backslashes)),
        i8x16.lt_u(vector, controls),
      ),
    ) & within(i, end);
    if (special == 0) {
      i += VECTOR;
      continue;
    }
    i += ctz(special);
    const byte = load<u8>(i);
    if (byte == QUOTE) return i + 1;
    if (byte != BACKSLASH) return 0;
    i = escapeEnd(i + 1, end);
    if (i == 0) return 0;
  }
  return 0;
}

/** `start`: behind the backslash. */
export function escapeEnd(start: usize, end: usize): usize {
  if (start == end) return 0;
  const letter = load<u8>(start);
  if (letter == LETTER_U) {
    if (end - start < 5) return 0;
    for (let i = start + 1; i < start + 5; i++) {
      const byte = load<u8>(i);
      if (<u8> (byte - ZERO) > 9 && <u8> ((byte | LOWER) - 97) > 5) return 0;
    }
    return start + 5;
  }
  // " \ / b f n r t
  const isKnown = letter == QUOTE || letter == BACKSLASH || letter == 47 || letter == 98 ||
    letter == 102 || letter == 110 || letter == 114 || letter == 116;
  return isKnown ? start + 1 : 0;
}

/** Most numbers are short: then their digits are found at once. */
// @ts-ignore: decorator
@inline
export function numberEnd(start: usize, end: usize): usize {
  const first = load<u8>(start) == MINUS ? start + 1 : start;
  const digits = i8x16.bitmask(among(v128.load(first), <i8> ZERO, 10));
  const whole = <usize> ctz(~digits);
  let length = whole;
  if (load<u8>(first + length) == POINT) {
    length += 1 + <usize> ctz(~(digits >>> (<i32> whole + 1)));
  }
  const stop = first + length;
  if (length >= VECTOR || stop >= end || (load<u8>(stop) | LOWER) == LETTER_E) {
    return longNumberEnd(start, end);
  }
  if (whole == 0 || (whole > 1 && load<u8>(first) == ZERO)) return 0;
  return load<u8>(stop - 1) == POINT ? 0 : stop;
}

function longNumberEnd(start: usize, end: usize): usize {
  let i = load<u8>(start) == MINUS ? start + 1 : start;
  const whole = i;
  i = digitsEnd(i, end);
  if (i == whole || (load<u8>(whole) == ZERO && i - whole > 1)) return 0;
  if (i < end && load<u8>(i) == POINT) {
    const fraction = i + 1;
    i = digitsEnd(fraction, end);
    if (i == fraction) return 0;
  }
  if (i < end && (load<u8>(i) | LOWER) == LETTER_E) {
    i++;
    if (i < end && (load<u8>(i) == PLUS || load<u8>(i) == MINUS)) i++;
    const exponent = i;
    i = digitsEnd(exponent, end);
    if (i == exponent) return 0;
  }
  return i;
}

// @ts-ignore: decorator
@inline
function digitsEnd(start: usize, end: usize): usize {
  let i = start;
  while (i < end && <u8> (load<u8>(i) - ZERO) < 10) i++;
  return i;
}
