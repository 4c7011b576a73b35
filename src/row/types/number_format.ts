/** How people write numbers, and the plain form that Postgres reads. */
import type { NumberNotation } from "../../importer/definition.ts";
import type { Separators } from "../byte_rule.ts";

export interface NumberFormat {
  readonly decimal: string;
  readonly thousands: string | null;
  readonly accept?: readonly NumberNotation[];
}

/** Characters for a separator. Typographic spaces and apostrophes count as the plain ones. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  " ": " \u00a0\u2009\u202f",
  "'": "'\u2019",
};

/** A regular expression with one group: digits, all grouped in threes or not grouped at all. */
export function grouped(format: NumberFormat): string {
  if (format.thousands === null || format.thousands === "") return "(\\d+)";
  return `(\\d+|\\d{1,3}(?:${separator(format.thousands)}\\d{3})+)`;
}

/** Source of a regular expression for a separator. */
export function separator(character: string): string {
  const all = LOOKALIKES[character];
  return all === undefined ? RegExp.escape(character) : `[${all}]`;
}

/** The separators as the kernel knows them. One that is not ASCII takes the text path. */
export function byteSeparators(decimal: string, thousands: string | null): Separators {
  const point = isAscii(decimal) ? decimal : "";
  // If both are one character, the text path decides which of them it is.
  const between = thousands !== null && isAscii(thousands) && thousands !== decimal
    ? thousands
    : "";
  return { decimal: point, thousands: between, hasLookalikes: LOOKALIKES[between] !== undefined };
}

function isAscii(separator: string): boolean {
  return /^[\x20-\x7e]$/u.test(separator);
}

/** May a file have only numbers that the kernel doesn't know? */
export function isPartial({ decimal, thousands, accept = [] }: NumberFormat): boolean {
  return accept.length > 0 || !isAscii(decimal) || (thousands !== null && !isAscii(thousands));
}

/** Only the digits of what `grouped` matched. */
export function ungroup(digits: string, format: NumberFormat): string {
  return format.thousands === null ? digits : digits.replaceAll(/\D/gu, "");
}

/** The digits without leading zeros; at least one digit stays. */
export function significant(digits: string): string {
  let first = 0;
  while (first < digits.length - 1 && digits[first] === "0") first++;
  return first === 0 ? digits : digits.slice(first);
}

/** Adds the sign. Zero gets none, and a plus is not written. */
export function signed(sign: string | undefined, unsigned: string): string {
  return sign === "-" && !isZero(unsigned) ? `-${unsigned}` : unsigned;
}

/** Is a plain number without a sign, possibly with an exponent, zero? */
export function isZero(unsigned: string): boolean {
  return !/^[^e]*[1-9]/u.test(unsigned);
}
