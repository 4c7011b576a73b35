/** The first steps of every field: null words, and trimming. */
import type { HasByteForm } from "./byte_rule.ts";

export interface CleaningStep extends HasByteForm {
  readonly text: (text: string) => string | null;
}

/** Texts that mean "no value". */
export interface NullWords {
  readonly anywhere: readonly string[];
  /** Only where they are not in quotes. */
  readonly unquoted: readonly string[];
}

/** `isQuoted`: for values in quotes. Both kinds of value have one byte form. */
export function nullWords(nulls: NullWords, isQuoted: boolean): CleaningStep {
  const { anywhere, unquoted } = nulls;
  const words = isQuoted ? anywhere : [...anywhere, ...unquoted];
  const known = new Set(words);
  // Skip the look-up for longer texts: hashing every text would cost more than all else here.
  const longest = Math.max(-1, ...words.map((word) => word.length));
  return {
    text: (text) => text.length <= longest && known.has(text) ? null : text,
    bytes: (rule) => {
      if (unquoted.length === 0) return { ...rule, nulls: anywhere };
      // The kernel has one list of words.
      return anywhere.length > 0 ? null : { ...rule, nulls: unquoted, nullsUnquoted: true };
    },
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
