/**
 * Lower case, upper case, and each word's first letter in upper case. Which letters there are is
 * told by the caller (../letters.ts), for Unicode's first plane; all others are the caller's.
 */
import { characterAt, lengthOf, putCharacter } from "./utf8_text";
import { takeScratch } from "./scratch";
import { setText, textEnd, textStart } from "./text";
import { below, VECTOR } from "./vectors";

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

/** Returns false, and changes nothing, if the caller must do it. */
export function toLower(letters: Letters): bool {
  return toCase(letters.lower, letters.lowerBy, 65);
}

export function toUpper(letters: Letters): bool {
  return toCase(letters.upper, letters.upperBy, 97);
}

/** `first`: the first of the 26 letters of ASCII that change. */
function toCase(table: usize, differences: usize, first: u8): bool {
  const end = textEnd;
  const begin = takeScratch((end - textStart) << GROWTH_LOG2);
  if (begin == 0) return false;
  const firsts = i8x16.splat(<i8> first);
  const letterCount = i8x16.splat(26);
  const bit = i8x16.splat(CASE_BIT);
  let from = textStart;
  let to = begin;
  while (from < end) {
    const left = end - from;
    const vector = v128.load(from);
    const changes = i8x16.lt_u(i8x16.sub(vector, firsts), letterCount);
    v128.store(to, v128.xor(vector, v128.and(changes, bit)));
    let wide = i8x16.bitmask(vector);
    if (left < VECTOR) wide &= below(<i32> left);
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
      const character = characterAt(from, length);
      const number = load<u8>(table + character);
      if (number == UNSURE) return false;
      to = putCharacter(character + load<i32>(differences + (<usize> number << 2)), to);
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
  const lower = letters.lower, lowerBy = letters.lowerBy;
  const upper = letters.upper, upperBy = letters.upperBy;
  const kinds = letters.kinds;
  let to = begin;
  let inWord = false;
  for (let from = textStart; from < end;) {
    const length = lengthOf(load<u8>(from));
    if (length == 4) return false;
    let character = characterAt(from, length);
    from += length;
    let number = load<u8>(lower + character);
    if (number == UNSURE) return false;
    character += load<i32>(lowerBy + (<usize> number << 2));
    const kind = load<u8>(kinds + character);
    if (!inWord && (kind & IS_LETTER) != 0) {
      number = load<u8>(upper + character);
      if (number == UNSURE) return false;
      character += load<i32>(upperBy + (<usize> number << 2));
    }
    inWord = (kind & IN_WORD) != 0;
    to = putCharacter(character, to);
  }
  setText(begin, to);
  return true;
}
