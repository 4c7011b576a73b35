/**
 * What can be done with a column's values on the bytes, without making a string of each: as data,
 * for the kernel (src/kernel), which decides only what it is sure of. Everything else takes the
 * text path (program.ts), which alone can find something wrong. Both give the same bytes.
 */
import type { ColumnPlan } from "./column_plan.ts";
import type { Judge } from "./judge.ts";
import type { Bounds } from "./types/integer.ts";

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

export type ByteRule =
  | {
    readonly kind: "field";
    readonly field: number;
    readonly trim: boolean;
    /** Texts that mean null, before trimming or after. */
    readonly nulls: readonly string[];
    /** Null is written; else it has to be judged. */
    readonly nullPasses: boolean;
    /** Longer values have to be judged; in characters. */
    readonly maxLength: number;
    readonly value: ByteValue;
  }
  /** The same for all rows. */
  | { readonly kind: "constant"; readonly value: string | null };

/** More words than this are looked up faster in a set, on the text path. */
const MAX_WORDS = 16;

/** Null if every value of the column needs its text. */
export function byteRule(
  plan: ColumnPlan,
  judge: Judge,
  nullValues: readonly string[],
): ByteRule | null {
  const { rule, column, fields } = plan;
  const passedOn = fields.length === 1 && rule.concat === null && rule.map === null &&
    rule.transform.length === 0;
  // A null value with blanks around it can't be found after trimming.
  if (!passedOn || (rule.trim && nullValues.some((text) => text !== text.trim()))) return null;
  const isText = judge.type === "text";
  if (judge.bytes === null || (judge.checked && !isText)) return null;
  const value = isText ? textValue(plan) : judge.bytes;
  if (value === null) return null;
  // `no` becomes `false`: what is written may be longer than what was read.
  if (judge.type === "boolean" && column.maxLength !== null) return null;
  return {
    kind: "field",
    field: fields[0],
    trim: rule.trim,
    nulls: nullValues,
    nullPasses: !plan.required && rule.default === null,
    maxLength: isText ? longestText(plan) : column.maxLength ?? Infinity,
    value,
  };
}

/** Text of any script; null where a check needs a string. */
function textValue(plan: ColumnPlan): ByteValue | null {
  const { rule, column } = plan;
  if (rule.pattern !== null) return null;
  const minLength = rule.min_length ?? 0;
  const words = wordsOf(rule.one_of, column.enumLabels);
  if (words === null) return { kind: "text", minLength };
  if (words.length > MAX_WORDS) return null;
  const maxLength = longestText(plan);
  const fitting = words.filter((word) => {
    const characters = Array.from(word).length;
    return characters >= minLength && characters <= maxLength;
  });
  return { kind: "one_of", words: fitting.map((word) => [word, ""] as const) };
}

function longestText({ rule, column }: ColumnPlan): number {
  return Math.min(rule.max_length ?? Infinity, column.maxLength ?? Infinity);
}

/** The words that pass both lists. */
function wordsOf(
  one: readonly string[] | null,
  other: readonly string[] | null,
): readonly string[] | null {
  if (one === null || other === null) return one ?? other;
  return one.filter((word) => other.includes(word));
}
