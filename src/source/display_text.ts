const REPLACEMENT = "\ufffd";

/** Text for people and for jsonb, which can't hold NUL or half surrogate pairs: U+FFFD instead. */
export function displayText(text: string): string {
  return text.replaceAll("\0", REPLACEMENT).toWellFormed();
}
