/** The first steps of every field: null words, and trimming. */
import type { HasByteForm } from "./byte_rule.ts";

export interface CleaningStep extends HasByteForm {
  readonly text: (text: string) => string | null;
}

/** Texts that mean "no value". */
export function nullWords(words: readonly string[]): CleaningStep {
  const known = new Set(words);
  // Skip the look-up for longer texts: hashing every text would cost more than all else here.
  const longest = Math.max(-1, ...words.map((word) => word.length));
  return {
    text: (text) => text.length <= longest && known.has(text) ? null : text,
    bytes: (rule) => ({ ...rule, nulls: words }),
  };
}

/** Trims outer blanks. What remains may be a null word. */
export function trimming(nulls: CleaningStep): CleaningStep {
  return {
    text: (text) => nulls.text(text.trim()),
    // The kernel looks for null words only after trimming: it would miss one with outer blanks.
    bytes: (rule) =>
      rule.nulls.some((word) => word !== word.trim()) ? null : { ...rule, trim: true },
  };
}

export function cleaning(steps: readonly CleaningStep[]): CleaningStep["text"] {
  const [first, second] = steps.map(({ text }) => text);
  if (second === undefined) return first;
  return (text) => {
    const kept = first(text);
    return kept === null ? null : second(kept);
  };
}
