/** What is done to every field before anything else: null words, and trimming. */
import type { HasByteForm } from "./byte_rule.ts";

export interface CleaningStep extends HasByteForm {
  readonly text: (text: string) => string | null;
}

/** Texts that mean "no value". */
export function nullWords(words: readonly string[]): CleaningStep {
  const known = new Set(words);
  // Hashing every text for the look-up would cost more than everything else here.
  const longest = Math.max(-1, ...words.map((word) => word.length));
  return {
    text: (text) => text.length <= longest && known.has(text) ? null : text,
    bytes: (rule) => ({ ...rule, nulls: words }),
  };
}

/** Outer blanks don't count; a text may mean null without them. */
export function trimming(nulls: CleaningStep): CleaningStep {
  return {
    text: (text) => nulls.text(text.trim()),
    // The kernel looks for null words once: after trimming, when one with outer blanks is gone.
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
