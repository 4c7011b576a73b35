/** Letters and digits, in lower case and without accents, with hyphens for what is between them. */
import { characterAt, lengthOf, putCharacter } from "./utf8_text";
import { takeScratch } from "./scratch";
import { setText, textEnd, textStart } from "./text";

/** What becomes of a character, in place of the one that is written. */
export const enum SlugMark {
  separator,
  /** An accent, for example. */
  dropped,
  /** The caller changes the text that has this character. */
  unsure,
}

const HYPHEN: u8 = 45;
/** A character of two bytes can become one of three. No other grows. */
const GROWTH_LOG2: usize = 1;

/**
 * `table`: what becomes of each character of Unicode's first plane (u16 each): the character that is
 * written, or a SlugMark. Returns false, and changes nothing, if the caller must do it.
 */
export function toSlug(table: usize): bool {
  const begin = takeScratch((textEnd - textStart) << GROWTH_LOG2);
  if (begin == 0) return false;
  let to = begin;
  let isApart = false;
  for (let from = textStart; from < textEnd;) {
    const length = lengthOf(load<u8>(from));
    if (length == 4) return false;
    const character: u32 = load<u16>(table + (<usize> characterAt(from, length) << 1));
    from += length;
    if (character == SlugMark.unsure) return false;
    if (character == SlugMark.separator) {
      isApart = true;
    } else if (character != SlugMark.dropped) {
      if (isApart && to > begin) store<u8>(to++, HYPHEN);
      isApart = false;
      to = putCharacter(character, to);
    }
  }
  setText(begin, to);
  return true;
}
