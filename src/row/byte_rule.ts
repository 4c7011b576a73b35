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

import type { Automaton } from "../pattern/automaton.ts";

/** Numbers outside these bounds are left to the text path. */
export interface Bounds {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Which values the kernel takes, and how it writes them. Texts are written as they are; all others are
 * ASCII, and are written in their canonical form. `isPartial`: of the values that the definition
 * allows, a whole notation takes the text path, and a file may have no other.
 */
export type ByteValue =
  | { readonly kind: "text" | "json" }
  /** One of these words (the second of each pair is not used). */
  | { readonly kind: "one_of"; readonly words: readonly Word[] }
  /** One of these lower-case words, in any case. Its meaning is written. */
  | { readonly kind: "words"; readonly words: readonly Word[]; readonly isPartial: boolean }
  /** Within the bounds. */
  | {
    readonly kind: "integer" | "decimal";
    readonly separators: Separators;
    readonly bounds: Bounds;
    readonly isPartial: boolean;
  }
  | { readonly kind: "email" | "url" | "uuid" }
  /** In the first of the formats that fits; in ISO 8601 if there are none. */
  | {
    readonly kind: "date" | "time" | "timestamp";
    readonly formats: readonly ByteFormat[];
    /** The canonical form of most values fits first. */
    readonly isPlain: boolean;
    readonly isPartial: boolean;
  };

export type Word = readonly [word: string, meaning: string];

/** One character of ASCII each; empty for none. */
export interface Separators {
  readonly decimal: string;
  readonly thousands: string;
  /** Typographic spaces or apostrophes between thousands mean the same. */
  readonly hasLookalikes: boolean;
}

/** A date format. No other way to divide a text among its parts can fit. */
export interface ByteFormat {
  readonly twelveHours: boolean;
  readonly parts: readonly FormatPart[];
}

export type FormatPart =
  | { readonly part: "literal"; readonly byte: number }
  | { readonly part: "year" | "half" | "offset" }
  /** The fewest digits; there are at most two. */
  | {
    readonly part: "shortYear" | "month" | "day" | "hour" | "minute" | "second";
    readonly digits: 1 | 2;
  }
  | { readonly part: "fraction"; readonly digits: number }
  /** The whole text counts seconds since 1970, with so many decimals but without a point. */
  | { readonly part: "count"; readonly digits: number };

/** What happens to a text between its field and its type. Null stays null but for `if_null`. */
export type ByteStep =
  | { readonly op: "trim" | "squish" | "lower" | "upper" | "title" | "slug" }
  | { readonly op: "prefix" | "suffix" | "if_null"; readonly text: string }
  | { readonly op: "split"; readonly by: string; readonly index: number }
  /** Becomes the canonical form of a value. */
  | { readonly op: "convert"; readonly value: ByteValue }
  /** All matches become the text `by`. */
  | { readonly op: "replace"; readonly automaton: Automaton; readonly by: string };

/** What is written if there is no value. `text path`: that decides. */
export type Missing = "null" | "text path" | { readonly constant: string };

export interface FieldRule {
  readonly kind: "field";
  /** The values of several fields are joined, but for those that are null. */
  readonly fields: readonly number[];
  readonly separator: string;
  /** Quotes around a field belong to its value. */
  readonly keepsQuotes: boolean;
  readonly trim: boolean;
  /** Texts that mean null, before trimming or after. */
  readonly nulls: readonly string[];
  /** They mean null only where they are not in quotes. */
  readonly nullsUnquoted: boolean;
  readonly steps: readonly ByteStep[];
  /** What comes out of the steps matches them all. */
  readonly patterns: readonly Automaton[];
  /** A text that a step leaves empty is null. */
  readonly emptyIsNull: boolean;
  readonly missing: Missing;
  /** In characters. Shorter and longer texts take the text path. */
  readonly minLength: number;
  readonly maxLength: number;
  /** In characters. Values that are written with more take the text path. */
  readonly longestWritten: number;
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
  return ownText(step).isWellFormed()
    ? (rule) => ({ ...rule, steps: [...rule.steps, step] })
    : null;
}

/** What the step adds, looks for, or puts in place of something else. */
export function ownText(step: ByteStep): string {
  return "text" in step ? step.text : "by" in step ? step.by : "";
}

/** Any text, unchanged: the rule that the steps start from. */
const ANY_TEXT: FieldRule = {
  kind: "field",
  fields: [],
  separator: "",
  keepsQuotes: false,
  trim: false,
  nulls: [],
  nullsUnquoted: false,
  steps: [],
  patterns: [],
  emptyIsNull: false,
  missing: "null",
  minLength: 0,
  maxLength: Infinity,
  longestWritten: Infinity,
  value: { kind: "text" },
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
