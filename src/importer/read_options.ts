/**
 * Reads values of a definition that are also options of a command (`--delimiter`, `--max-errors`
 * …). Each function returns null if the value is invalid.
 */
import type { OptionsRule } from "./definition.ts";
import { canonicalEncoding } from "./encoding_names.ts";

/** `auto`, `tab`, one ASCII character or several others → `auto` or the characters. */
export function readDelimiter(text: string): string | null {
  if (text === "auto") return text;
  if (text === "tab" || text === "\\t") return "\t";
  // Quotes and line ends have their own meaning in a CSV file.
  if (text === "" || /["\r\n\0]/u.test(text)) return null;
  // A word would be a mistake for one of the words above.
  return text.length === 1 || /^[^\p{L}\p{N}\s]{1,8}$/u.test(text) ? text : null;
}

/** `auto`, `none` or one ASCII character that is no letter, digit or blank → the same. */
export function readQuote(text: string): string | null {
  return text === "auto" || text === "none" ? text : readEscape(text);
}

/** One ASCII character that is no letter, digit or blank. */
export function readEscape(text: string): string | null {
  return /^[!-/:-@[-`{-~]$/u.test(text) ? text : null;
}

/** The text with which comments begin. */
export function readComment(text: string): string | null {
  return /^\S/u.test(text) ? text : null;
}

/** `auto`, or an encoding as people write it → `auto` or the canonical name. */
export function readEncoding(text: string): string | null {
  return text === "auto" ? text : canonicalEncoding(text);
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/**
 * `30d`, `12h`, `8w`, `1y` → milliseconds. The unit is required: days must not be taken for seconds when
 * the age decides what is deleted.
 */
export function readAge(text: string): number | null {
  const match = /^(\d+)(s|m|min|h|d|w|y)$/u.exec(text);
  const milliseconds = match === null ? NaN : Number(match[1]) * MILLISECONDS[match[2]];
  // At most 1,000 years, so that Postgres and JavaScript can hold the time.
  return milliseconds <= 1000 * 365 * MILLISECONDS.d ? milliseconds : null;
}

/** How long something is kept: an age, or `forever`, which is null. Undefined: it is neither. */
export function readKeepAge(text: string): number | null | undefined {
  if (text === "forever") return null;
  const age = readAge(text);
  return age === null || age === 0 ? undefined : age;
}

/** A number of rows or a percentage from `0%` to `100%`. */
export function readMaxErrors(value: string | number): OptionsRule["max_errors"] {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && value >= 0 ? { rows: value } : null;
  }
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/u.exec(value.trim());
  if (match === null) return null;
  const amount = Number(match[1]);
  if (match[2] === "") return Number.isSafeInteger(amount) ? { rows: amount } : null;
  return amount <= 100 ? { percent: amount } : null;
}
