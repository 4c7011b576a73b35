const REPLACEMENT = "\ufffd";

/** For people, and for jsonb. What that can't hold is U+FFFD: NUL, and halves of surrogate pairs. */
export function displayText(text: string): string {
  return text.replaceAll("\0", REPLACEMENT).toWellFormed();
}
