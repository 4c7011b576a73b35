/** The byte forms of text checks. */
import type { ByteForm, Word } from "./byte_rule.ts";

/** With more words than this, a look-up in a set on the text path is faster. */
const MAX_WORDS = 16;

/** In characters. */
export function atLeast(minLength: number): ByteForm {
  return (rule) => ({ ...rule, minLength: Math.max(rule.minLength, minLength) });
}

/** In characters. */
export function atMost(maxLength: number): ByteForm {
  return (rule) => ({ ...rule, maxLength: Math.min(rule.maxLength, maxLength) });
}

/** The written value fits into the table's column. */
export function fitsColumn(maxLength: number): ByteForm {
  return (rule) => ({ ...rule, longestWritten: Math.min(rule.longestWritten, maxLength) });
}

/** Only these texts. */
export function amongWords(words: readonly string[]): ByteForm {
  return (rule) => {
    const { value } = rule;
    const known = value.kind === "text"
      ? words.map((word): Word => [word, ""])
      : value.kind === "one_of"
      ? value.words.filter(([word]) => words.includes(word))
      : null;
    return known === null || known.length > MAX_WORDS
      ? null
      : { ...rule, value: { kind: "one_of", words: known } };
  };
}
