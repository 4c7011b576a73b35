/** White space at both ends goes, and one blank stands for all white space between words. */
import { takeScratch } from "./scratch";
import { setText, textEnd, textStart } from "./text";
import { within, VECTOR } from "./vectors";
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
  let to = begin;
  for (let from = start; from < end;) {
    const byte = load<u8>(from);
    const blank = byte > 127 ? wideBlank(from, end) : isBlank(byte) ? 1 : 0;
    if (blank != 0) {
      from = afterBlanks(from + blank, end);
      store<u8>(to++, SPACE);
    } else {
      store<u8>(to++, byte);
      from++;
    }
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
