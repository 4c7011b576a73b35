/**
 * The text without the last characters, if they are this one. A regular expression such as `/ +$/`
 * would look at 60,000 blanks in the middle of a text once for each of them.
 */
export function withoutLast(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end--;
  return text.slice(0, end);
}
