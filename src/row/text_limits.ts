/** How the checks of texts look on the bytes. The kernel counts characters of texts and words only. */
import type { ByteForm, FieldRule, Word } from "./byte_rule.ts";

/** More words than this are looked up faster in a set, on the text path. */
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

/** What is written fits into the table's column; what is not a text is ASCII. */
export function fitsColumn(maxLength: number): ByteForm {
  const atMostSo = atMost(maxLength);
  return (rule) => {
    const { kind } = rule.value;
    // `no` becomes `false`: what is written may be longer than what was read.
    if (kind === "words") return null;
    if (kind === "text" || kind === "one_of") return atMostSo(rule);
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
