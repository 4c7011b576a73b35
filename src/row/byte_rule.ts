/**
 * What the kernel (src/kernel) does with a column's values on their bytes, without making a string
 * of each: as data. The kernel decides only what it is sure of. Everything else takes the text path
 * (compile_column.ts), which alone can find something wrong. Both write the same bytes.
 *
 * Whatever is done to a column's values is a step, and each step has two forms side by side: a
 * function over text, and a `ByteForm` or null. A column has a byte rule only if all of its steps
 * have a byte form, so a step that says nothing sends its column down the text path.
 */

/** Numbers outside these are left to the text path. */
export interface Bounds {
  readonly lowest: number;
  readonly highest: number;
}

/** Which values are written as they are, or how else. All but the first two are ASCII. */
export type ByteValue =
  | { readonly kind: "text"; readonly minLength: number }
  /** One of these words (the second of each pair is not used). */
  | { readonly kind: "one_of"; readonly words: readonly Word[] }
  /** One of these words, which are in lower case, in any case: its meaning is written. */
  | { readonly kind: "words"; readonly words: readonly Word[] }
  /** Digits without leading zeros, within the bounds; a decimal may have a point. */
  | { readonly kind: "integer" | "decimal"; readonly bounds: Bounds }
  | { readonly kind: "email" | "uuid" }
  /** ISO 8601; a timestamp without a zone and fractions, with a blank or a `T` that becomes one. */
  | { readonly kind: "date" | "timestamp" };

export type Word = readonly [word: string, meaning: string];

export interface FieldRule {
  readonly kind: "field";
  readonly field: number;
  readonly trim: boolean;
  /** Texts that mean null, before trimming or after. */
  readonly nulls: readonly string[];
  /** Null is written; else the text path decides. */
  readonly nullPasses: boolean;
  /** Longer values are left to the text path; characters of texts and words, bytes of all others. */
  readonly maxLength: number;
  readonly value: ByteValue;
}

export type ByteRule =
  | FieldRule
  /** The same for all rows. */
  | { readonly kind: "constant"; readonly value: string | null };

/**
 * How a step looks on the bytes: it adds itself to the rule of the steps before it. Null if the
 * kernel can't do as the step does after those.
 */
export type ByteForm = (rule: FieldRule) => FieldRule | null;

/** Whatever is done to values has this; null: only its text form exists. */
export interface HasByteForm {
  readonly bytes: ByteForm | null;
}

/** For a step that leaves alone every value that the steps before it let pass. */
export const SAME: ByteForm = (rule) => rule;

/** Any text, as it stands: what the steps start from. */
const ANY_TEXT: FieldRule = {
  kind: "field",
  field: 0,
  trim: false,
  nulls: [],
  nullPasses: true,
  maxLength: Infinity,
  value: { kind: "text", minLength: 0 },
};

/** Null if a value of the column may need its text. `steps`: all of them, in their order. */
export function byteRule(steps: readonly HasByteForm[]): ByteRule | null {
  let rule: FieldRule | null = ANY_TEXT;
  for (const { bytes } of steps) {
    rule = bytes?.(rule) ?? null;
    if (rule === null) return null;
  }
  return rule;
}
