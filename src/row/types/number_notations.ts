/** What people write around numbers: `(1,234)`, `1,234-`, `$5`, `5 EUR`, `12 %`. */
import type { NumberNotation } from "../../importer/definition.ts";
import { isZero } from "./number_format.ts";

type Parse = (text: string) => string | null;

/** Signs and local abbreviations. `EUR` and the like are known to the runtime. */
const SIGN = /^(?:[A-Z]{0,3}\p{Sc}|kr\.?|zł|Kč|Ft|lei|лв\.?|Fr\.?|Rs\.?)$/u;
let codes: ReadonlySet<string> | null = null;

function isCode(word: string): boolean {
  // Only when the first is asked for: loading the runtime's data takes milliseconds.
  codes ??= new Set(Intl.supportedValuesOf("currency"));
  return codes.has(word);
}

/**
 * Parses plain numbers, and those in the accepted notations. Which number a text is does not depend
 * on what else is accepted. `percentOf`: the canonical number divided by 100; null if it can't be.
 */
export function accepting(
  plain: Parse,
  accept: readonly NumberNotation[] | undefined,
  percentOf: Parse,
): Parse {
  if (accept === undefined || accept.length === 0) return plain;
  return (text) => {
    const number = plain(text);
    if (number !== null) return number;
    const found = unwrap(text, accept);
    if (found === null) return null;
    const bare = plain(found.text);
    if (bare === null || (found.isNegative && bare.startsWith("-"))) return null;
    const signed = found.isNegative && !isZero(bare) ? `-${bare}` : bare;
    return found.isPercent ? percentOf(signed) : signed;
  };
}

interface Unwrapped {
  readonly text: string;
  readonly isNegative: boolean;
  readonly isPercent: boolean;
}

/** Takes off the accepted notations, each once. Null if there are none. */
function unwrap(text: string, accept: readonly NumberNotation[]): Unwrapped | null {
  let rest = text.trim();
  const taken = new Set<NumberNotation>();
  for (let before = ""; before !== rest;) {
    before = rest;
    for (const notation of accept) {
      if (taken.has(notation)) continue;
      const inner = OFF[notation](rest);
      if (inner === null) continue;
      taken.add(notation);
      rest = inner.trim();
    }
  }
  if (taken.size === 0 || (taken.has("parentheses") && taken.has("trailing_minus"))) return null;
  return {
    text: rest,
    isNegative: taken.has("parentheses") || taken.has("trailing_minus"),
    isPercent: taken.has("percent"),
  };
}

/** Takes off one notation; null if the text doesn't have it. */
const OFF: Readonly<Record<NumberNotation, Parse>> = {
  parentheses: (text) => /^\((.+)\)$/u.exec(text)?.[1] ?? null,
  trailing_minus: (text) => /^([^+-].*)-$/u.exec(text)?.[1] ?? null,
  percent: (text) => /^(.+)%$/u.exec(text)?.[1] ?? null,
  percent_points: (text) => /^(.+)%$/u.exec(text)?.[1] ?? null,
  currency: withoutCurrency,
};

function withoutCurrency(text: string): string | null {
  const before = /^([+-]?)\s*([^\d\s.,+()'-]{1,4}\.?)\s*(.*\d.*)$/u.exec(text);
  if (before !== null && isCurrency(before[2])) return before[1] + before[3];
  const after = /^(.*\d\S*?)\s*([^\d\s.,+()%'-]{1,4}\.?)(-?)$/u.exec(text);
  return after !== null && isCurrency(after[2]) ? after[1] + after[3] : null;
}

function isCurrency(word: string): boolean {
  return SIGN.test(word) || isCode(word);
}

/** `12.5` → `0.125`, `5e3` → `5e1`. */
export function hundredth(canonical: string): string | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e(-?\d+))?$/u.exec(canonical);
  if (match === null) return null;
  const [, sign, whole, fraction = "", exponent] = match;
  if (exponent !== undefined) {
    const power = Number(exponent) - 2;
    const digits = fraction === "" ? whole : `${whole}.${fraction}`;
    return `${sign}${digits}${power === 0 ? "" : `e${power}`}`;
  }
  const digits = whole.padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`;
}

/** The same for a whole number; null if the result is none. */
export function wholeHundredth(canonical: string): string | null {
  if (isZero(canonical)) return "0";
  return canonical.endsWith("00") ? canonical.slice(0, -2) : null;
}
