const REPLACEMENT = "\ufffd";

/** In characters; a header may hold anything. */
const LONGEST_NAME = 100;

/**
 * A name in a sentence: one line, not too long, without characters that a terminal or a viewer would
 * obey.
 */
export function displayName(name: string): string {
  const shown = name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
  return shown.replace(/\s+/gu, " ").replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, REPLACEMENT);
}

/** Text for people and for jsonb, which can't hold NUL or half surrogate pairs: U+FFFD instead. */
export function displayText(text: string): string {
  return text.replaceAll("\0", REPLACEMENT).toWellFormed();
}
