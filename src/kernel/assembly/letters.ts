/**
 * Lower case, upper case, and each word's first letter in upper case. Which letters there are is
 * told by the caller (../letters.ts), for Unicode's first plane; all others are the caller's.
 */
import { characterAt, lengthOf, putCharacter } from "./utf8_text";
import { takeScratch } from "./scratch";
import { setText, textEnd, textStart } from "./text";
import { among, below, VECTOR, within } from "./vectors";

/** Tables over the characters of the first plane. */
@unmanaged
export class Letters {
  /** For each character (u8), which number of the differences below is added to it. */
  lower: usize;
  upper: usize;
  /** The differences (i32 each). The first is 0. */
  lowerBy: usize;
  upperBy: usize;
  /** For each character (u8): the bits below. */
  kinds: usize;
}

/** In place of a difference's number: the caller changes the text that has this character. */
const UNSURE: u8 = 255;
/** A letter; and what continues a word, as in row/transform.ts. */
const IS_LETTER: u8 = 1, IN_WORD: u8 = 2;
/** A character of two bytes can become one of three. No other grows. */
const GROWTH_LOG2: usize = 1;
const CASE_BIT: i8 = 32;
/** Of ASCII. */
const LETTERS: i8 = 26, DIGITS: i8 = 10;
const UPPER_A: i8 = 65, LOWER_A: i8 = 97, ZERO: i8 = 48, APOSTROPHE: i8 = 39;

/** Returns false, and changes nothing, if the caller must do it. */
export function toLower(letters: Letters): bool {
  return toCase(letters.lower, letters.lowerBy, UPPER_A);
}

export function toUpper(letters: Letters): bool {
  return toCase(letters.upper, letters.upperBy, LOWER_A);
}

/** `first`: the first of the 26 letters of ASCII that change. */
function toCase(table: usize, differences: usize, first: i8): bool {
  const end = textEnd;
  const begin = takeScratch((end - textStart) << GROWTH_LOG2);
  if (begin == 0) return false;
  const bit = i8x16.splat(CASE_BIT);
  let from = textStart;
  let to = begin;
  while (from < end) {
    const left = end - from;
    const vector = v128.load(from);
    v128.store(to, v128.xor(vector, v128.and(among(vector, first, LETTERS), bit)));
    const wide = i8x16.bitmask(vector) & within(from, end);
    if (wide == 0) {
      const done = min<usize>(left, VECTOR);
      from += done;
      to += done;
      continue;
    }
    const plain = ctz(wide);
    from += plain;
    to += plain;
    // Characters outside ASCII rarely stand alone in their script, or stand alone in Latin.
    do {
      const length = lengthOf(load<u8>(from));
      if (length == 4) return false;
      const character = changed(characterAt(from, length), table, differences);
      if (character == UNKNOWN) return false;
      to = putCharacter(character, to);
      from += length;
    } while (from < end && load<u8>(from) > 127);
  }
  setText(begin, to);
  return true;
}

export function toTitle(letters: Letters): bool {
  const end = textEnd;
  const begin = takeScratch((end - textStart) << GROWTH_LOG2);
  if (begin == 0) return false;
  let from = textStart;
  let to = begin;
  // 1 behind a character that continues a word.
  let inWord = 0;
  while (from < end) {
    const left = end - from;
    const vector = v128.load(from);
    const wide = i8x16.bitmask(vector) & within(from, end);
    const plain: usize = wide == 0 ? min(left, VECTOR) : ctz(wide);
    if (plain > 0) {
      const lower = v128.or(vector, v128.and(among(vector, UPPER_A, LETTERS), i8x16.splat(CASE_BIT)));
      v128.store(to, lower);
      const isLetter = i8x16.bitmask(among(lower, LOWER_A, LETTERS));
      const isWord = isLetter | i8x16.bitmask(
        v128.or(among(lower, ZERO, DIGITS), i8x16.eq(lower, i8x16.splat(APOSTROPHE))),
      );
      let first = isLetter & ~((isWord << 1) | inWord) & below(<i32> plain);
      for (; first != 0; first &= first - 1) {
        const place = to + ctz(first);
        store<u8>(place, load<u8>(place) ^ CASE_BIT);
      }
      inWord = (isWord >> <i32> (plain - 1)) & 1;
      from += plain;
      to += plain;
    }
    while (from < end && load<u8>(from) > 127) {
      const length = lengthOf(load<u8>(from));
      if (length == 4) return false;
      let character = changed(characterAt(from, length), letters.lower, letters.lowerBy);
      if (character == UNKNOWN) return false;
      const kind = load<u8>(letters.kinds + character);
      if (inWord == 0 && (kind & IS_LETTER) != 0) {
        character = changed(character, letters.upper, letters.upperBy);
        if (character == UNKNOWN) return false;
      }
      inWord = (kind & IN_WORD) != 0 ? 1 : 0;
      to = putCharacter(character, to);
      from += length;
    }
  }
  setText(begin, to);
  return true;
}

/** No character. */
const UNKNOWN: u32 = 0xffff_ffff;

/** The character in the other case; UNKNOWN if the caller must say. */
// @ts-ignore: decorator
@inline
function changed(character: u32, table: usize, differences: usize): u32 {
  const number = load<u8>(table + character);
  if (number == UNSURE) return UNKNOWN;
  return character + load<i32>(differences + (<usize> number << 2));
}
