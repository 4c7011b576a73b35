/** The byte forms of text checks. The kernel counts characters only of texts and words. */
import type { ByteForm, FieldRule, Word } from "./byte_rule.ts";

/** With more words than this, a look-up in a set on the text path is faster. */
const MAX_WORDS = 16;

/** In characters. */
export function atLeast(minLength: number): ByteForm {
  return (rule) => {
    const { value } = rule;
    switch (value.kind) {
      case "text":
        return {
          ...rule,
          value: { kind: "text", minLength: Math.max(value.minLength, minLength) },
        };
      case "one_of":
        return keepWords(rule, value.words, (word) => lengthOf(word) >= minLength);
      default:
        return null;
    }
  };
}

/** In characters. */
export function atMost(maxLength: number): ByteForm {
  return (rule) => {
    const { value } = rule;
    const narrower = { ...rule, maxLength: Math.min(rule.maxLength, maxLength) };
    switch (value.kind) {
      case "text":
        return narrower;
      case "one_of":
        return keepWords(narrower, value.words, (word) => lengthOf(word) <= maxLength);
      default:
        return null;
    }
  };
}

/** The written value fits into the table's column. All values but texts are ASCII. */
export function fitsColumn(maxLength: number): ByteForm {
  const limited = atMost(maxLength);
  return (rule) => {
    const { kind } = rule.value;
    // `no` becomes `false`: the written value may be longer than the one that was read.
    if (kind === "words") return null;
    if (kind === "text" || kind === "one_of") return limited(rule);
    return { ...rule, maxLength: Math.min(rule.maxLength, maxLength) };
  };
}

/** Only these texts. */
export function amongWords(words: readonly string[]): ByteForm {
  return (rule) => {
    const { value, maxLength } = rule;
    switch (value.kind) {
      case "text":
        return keepWords(
          rule,
          words.map((word) => [word, ""] as const),
          (word) => lengthOf(word) >= value.minLength && lengthOf(word) <= maxLength,
        );
      case "one_of":
        return keepWords(rule, value.words, (word) => words.includes(word));
      default:
        return null;
    }
  };
}

function keepWords(
  rule: FieldRule,
  words: readonly Word[],
  isKept: (word: string) => boolean,
): FieldRule | null {
  const kept = words.filter(([word]) => isKept(word));
  return kept.length > MAX_WORDS ? null : { ...rule, value: { kind: "one_of", words: kept } };
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
