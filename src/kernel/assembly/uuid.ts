/** UUIDs in the forms of row/types/uuid.ts: with or without hyphens and braces, in any case. */
import { setValue, valueRoom } from "./value";

const ZERO: u8 = 48, NINE: u8 = 57, HYPHEN: u8 = 45, LETTER_A: u8 = 97, LOWER: u8 = 32;
const OPEN: u8 = 123, CLOSE: u8 = 125;
const DIGITS: usize = 32, HYPHENATED: usize = 36;
/** Where hyphens are among the first 16 bytes, those from 16 on, and those from 20 on. */
const FIRST: i32 = 1 << 8 | 1 << 13, MIDDLE: i32 = 1 << 2 | 1 << 7, LAST: i32 = 1 << 3;

/** In lower case, with hyphens. */
export function isUuid(start: usize, end: usize): bool {
  return end - start == HYPHENATED && isPart(v128.load(start), FIRST) &&
    isPart(v128.load(start + 16), MIDDLE) && isPart(v128.load(start + 20), LAST);
}

/** Are these hexadecimal digits in lower case, and hyphens exactly in these places? */
// @ts-ignore: decorator
@inline
function isPart(bytes: v128, hyphens: i32): bool {
  const fromZero = i8x16.sub(bytes, i8x16.splat(ZERO));
  const fromA = i8x16.sub(bytes, i8x16.splat(LETTER_A));
  const digits = v128.or(
    i8x16.lt_u(fromZero, i8x16.splat(10)),
    i8x16.lt_u(fromA, i8x16.splat(6)),
  );
  return (i8x16.bitmask(digits) ^ hyphens) == 0xffff &&
    i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(HYPHEN))) == hyphens;
}

/** Takes any form. */
export function readUuid(start: usize, end: usize): bool {
  const hasBraces = end - start > 2 && load<u8>(start) == OPEN && load<u8>(end - 1) == CLOSE;
  const from = hasBraces ? start + 1 : start;
  const length = hasBraces ? end - start - 2 : end - start;
  const room = valueRoom();
  if (length == HYPHENATED) {
    v128.store(room, inLowerCase(v128.load(from)));
    v128.store(room + 16, inLowerCase(v128.load(from + 16)));
    v128.store(room + 20, inLowerCase(v128.load(from + 20)));
  } else if (length == DIGITS) {
    hyphenate(from, room);
  } else {
    return false;
  }
  setValue(room, room + HYPHENATED);
  return isUuid(room, room + HYPHENATED);
}

function hyphenate(digits: usize, to: usize): void {
  let i = digits;
  for (let k: usize = 0; k < HYPHENATED; k++) {
    const isHyphen = k == 8 || k == 13 || k == 18 || k == 23;
    store<u8>(to + k, isHyphen ? HYPHEN : lowerCase(load<u8>(i++)));
  }
}

/** All bytes that are no letters become others that are none. */
// @ts-ignore: decorator
@inline
function inLowerCase(bytes: v128): v128 {
  const isLetter = i8x16.gt_u(bytes, i8x16.splat(NINE));
  return v128.or(bytes, v128.and(isLetter, i8x16.splat(LOWER)));
}

// @ts-ignore: decorator
@inline
function lowerCase(byte: u8): u8 {
  return byte > NINE ? byte | LOWER : byte;
}

/** Writes the 16 bytes of a UUID in lower case with hyphens. */
export function putUuidBytes(target: usize, start: usize): void {
  const first = v128.load(start);
  const middle = v128.load(start + 16);
  const last = v128.load(start + 20);
  // Only the digits, without the hyphens.
  // deno-fmt-ignore
  const high = pairs(i8x16.shuffle(
    first, middle, 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17,
  ));
  // deno-fmt-ignore
  const low = pairs(i8x16.shuffle(
    middle, last, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 28, 29, 30, 31,
  ));
  v128.store(target, i8x16.narrow_i16x8_u(high, low));
}

/** Makes two digits one number of 16 bits, eight times. */
// @ts-ignore: decorator
@inline
function pairs(digits: v128): v128 {
  // The sixth bit tells letters from decimal digits; `a` has 1 in the four lowest.
  const isLetter = i8x16.shr_u(digits, 6);
  const nibbles = i8x16.add(
    v128.and(digits, i8x16.splat(15)),
    i8x16.add(i8x16.shl(isLetter, 3), isLetter),
  );
  // The first digit is the lower byte.
  const bytes = v128.or(i16x8.shl(nibbles, 4), i16x8.shr_u(nibbles, 8));
  return v128.and(bytes, i16x8.splat(0xff));
}
