/** White space at both ends goes, and one blank stands for all white space between words. */
import { takeScratch } from "./scratch";
import { setText, textEnd, textStart } from "./text";
import { below, VECTOR, within } from "./vectors";
import { afterBlanks, beforeBlanks, isBlank, wideBlank } from "./white_space";

const SPACE: u8 = 32;

/** Returns false, and changes nothing, if the caller must do it. */
export function squish(): bool {
  const start = afterBlanks(textStart, textEnd);
  const end = beforeBlanks(start, textEnd);
  if (isSquished(start, end)) {
    setText(start, end);
    return true;
  }
  const begin = takeScratch(end - start);
  if (begin == 0) return false;
  let from = start;
  let to = begin;
  // 1 behind white space.
  let behindBlank = 0;
  while (from < end) {
    const vector = v128.load(from);
    const spaces = i8x16.bitmask(i8x16.eq(vector, i8x16.splat(<i8> SPACE)));
    // Taken with their signs, bytes outside ASCII are below the blank, too.
    const others = i8x16.bitmask(i8x16.lt_s(vector, i8x16.splat(<i8> SPACE))) & within(from, end);
    const plain: usize = others == 0 ? min(end - from, VECTOR) : ctz(others);
    let copied: usize = 0;
    // What lies behind each piece is written, too, and then written over.
    let surplus = spaces & ((spaces << 1) | behindBlank) & below(<i32> plain);
    for (; surplus != 0; surplus &= surplus - 1) {
      const blank: usize = ctz(surplus);
      v128.store(to, v128.load(from + copied));
      to += blank - copied;
      copied = blank + 1;
    }
    v128.store(to, v128.load(from + copied));
    to += plain - copied;
    from += plain;
    if (plain > 0) behindBlank = (spaces >> <i32> (plain - 1)) & 1;
    if (others == 0) continue;
    const byte = load<u8>(from);
    const blank: usize = byte > 127 ? wideBlank(from, end) : isBlank(byte) ? 1 : 0;
    if (blank == 0) {
      do store<u8>(to++, load<u8>(from++));
      while (from < end && load<u8>(from) > 127 && wideBlank(from, end) == 0);
    } else {
      if (behindBlank == 0) store<u8>(to++, SPACE);
      from += blank;
    }
    behindBlank = blank == 0 ? 0 : 1;
  }
  setText(begin, to);
  return true;
}

/** Certainly has single blanks only, and nothing outside ASCII. */
function isSquished(start: usize, end: usize): bool {
  const spaces = i8x16.splat(<i8> SPACE);
  // A text begins with no blank.
  let before = 0;
  for (let i = start; i < end; i += VECTOR) {
    const vector = v128.load(i);
    const found = i8x16.bitmask(i8x16.eq(vector, spaces));
    // Taken with their signs, bytes outside ASCII are below the blank, too.
    const others = i8x16.bitmask(i8x16.lt_s(vector, spaces));
    if (((others | (found & ((found << 1) | before))) & within(i, end)) != 0) return false;
    before = found >> 15;
  }
  return true;
}
