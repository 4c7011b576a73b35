const REPLACEMENT = "\ufffd";

/** A name in a sentence: one line, without characters that a terminal or a viewer would obey. */
export function displayName(name: string): string {
  return name.replace(/\s+/gu, " ").replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, REPLACEMENT);
}

/** Text for people and for jsonb, which can't hold NUL or half surrogate pairs: U+FFFD instead. */
export function displayText(text: string): string {
  return text.replaceAll("\0", REPLACEMENT).toWellFormed();
}
