/**
 * Describes, as data, what the kernel (src/kernel) does with a column's values on their bytes,
 * without making a string of each. The kernel decides only what it is sure of. Everything else
 * takes the text path (compile_column.ts); only that path can find errors. Both write the same
 * bytes.
 *
 * Every change or check of a column's values is a step. Each step has two forms side by side: a
 * function over text, and a `ByteForm` or null. A column has a byte rule only if all of its steps
 * have a byte form, so a step without one sends its column down the text path.
 */

/** Numbers outside these bounds are left to the text path. */
export interface Bounds {
  readonly lowest: number;
  readonly highest: number;
}

/** Which values the kernel takes, and how it writes them. All but the first two are ASCII. */
export type ByteValue =
  | { readonly kind: "text"; readonly minLength: number }
  /** One of these words (the second of each pair is not used). */
  | { readonly kind: "one_of"; readonly words: readonly Word[] }
  /** One of these lower-case words, in any case. Its meaning is written. */
  | { readonly kind: "words"; readonly words: readonly Word[] }
  /** Digits without leading zeros, within the bounds; a decimal may have a point. */
  | { readonly kind: "integer" | "decimal"; readonly bounds: Bounds }
  | { readonly kind: "email" | "uuid" }
  /** ISO 8601; a timestamp without zone or fractions, with a blank, or a `T` that becomes one. */
  | { readonly kind: "date" | "timestamp" };

export type Word = readonly [word: string, meaning: string];

/** What happens to a text between its field and its type. Null stays null but for `if_null`. */
export type ByteStep =
  | { readonly op: "trim" | "squish" | "lower" | "upper" | "title" | "slug" }
  | { readonly op: "prefix" | "suffix" | "if_null"; readonly text: string }
  | { readonly op: "split"; readonly by: string; readonly index: number };

/** What is written if there is no value. `text path`: that decides. */
export type Missing = "null" | "text path" | { readonly constant: string };

export interface FieldRule {
  readonly kind: "field";
  /** The values of several fields are joined, but for those that are null. */
  readonly fields: readonly number[];
  readonly separator: string;
  readonly trim: boolean;
  /** Texts that mean null, before trimming or after. */
  readonly nulls: readonly string[];
  /** They mean null only where they are not in quotes. */
  readonly nullsUnquoted: boolean;
  readonly steps: readonly ByteStep[];
  /** A text that a step leaves empty is null. */
  readonly emptyIsNull: boolean;
  readonly missing: Missing;
  /** Longer values take the text path. Counted in characters for texts, in bytes for the others. */
  readonly maxLength: number;
  readonly value: ByteValue;
}

export type ByteRule =
  | FieldRule
  /** The same for all rows. */
  | { readonly kind: "constant"; readonly value: string | null };

/**
 * A step's form on bytes: it adds itself to the rule of the steps before it. Null if the kernel
 * can't do the same after those steps.
 */
export type ByteForm = (rule: FieldRule) => FieldRule | null;

/** Every step has this; null if it only has a text form. */
export interface HasByteForm {
  readonly bytes: ByteForm | null;
}

/** For a step that changes the text. Its own texts must be whole characters. */
export function byteStep(step: ByteStep): ByteForm | null {
  const own = "text" in step ? step.text : "by" in step ? step.by : "";
  return own.isWellFormed() ? (rule) => ({ ...rule, steps: [...rule.steps, step] }) : null;
}

/** Any text, unchanged: the rule that the steps start from. */
const ANY_TEXT: FieldRule = {
  kind: "field",
  fields: [],
  separator: "",
  trim: false,
  nulls: [],
  nullsUnquoted: false,
  steps: [],
  emptyIsNull: false,
  missing: "null",
  maxLength: Infinity,
  value: { kind: "text", minLength: 0 },
};

/** Null if any value of the column may need the text path. `steps`: all of them, in order. */
export function byteRule(steps: readonly HasByteForm[]): ByteRule | null {
  let rule: FieldRule | null = ANY_TEXT;
  for (const { bytes } of steps) {
    rule = bytes?.(rule) ?? null;
    if (rule === null) return null;
  }
  return rule;
}
