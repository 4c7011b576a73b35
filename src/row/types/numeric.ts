import { type CopyBytes, copyIf, type ValueProgram } from "./value_program.ts";
import type { Bounds } from "./integer.ts";
import {
  grouped,
  type NumberFormat,
  separator,
  signed,
  significant,
  ungroup,
} from "./number_format.ts";

const ZERO = 48, NINE = 57, MINUS = 45, POINT = 46;
const EXACT_DIGITS = 15;
const PLAIN_LENGTH = 30;

/** Decimal numbers. Not `NaN`: in a file that is a missing value, which `null_values` can say. */
export function numericProgram(format: NumberFormat, bounds: Bounds): ValueProgram {
  return {
    expectation: "must be a number",
    parse: decimalParser(format),
    copy: copyPlainDecimal(format, bounds),
  };
}

/** As `numeric`, and also `NaN` and `Infinity` as Postgres spells them. */
export function floatProgram(format: NumberFormat, bounds: Bounds): ValueProgram {
  const decimal = decimalParser(format);
  return {
    expectation: "must be a number",
    parse(text) {
      const special = /^(?:(nan)|([+-])?inf(?:inity)?)$/iu.exec(text);
      if (special === null) return decimal(text);
      if (special[1] !== undefined) return "NaN";
      return special[2] === "-" ? "-Infinity" : "Infinity";
    },
    copy: copyPlainDecimal(format, bounds),
  };
}

/** Canonical: no plus, no leading zeros, no bare point; trailing zeros stay, they are the scale. */
function decimalParser(format: NumberFormat): (text: string) => string | null {
  const point = separator(format.decimal);
  const shape = new RegExp(
    `^([+-])?(?:${grouped(format)}(?:${point}(\\d*))?|${point}(\\d+))(?:[eE]([+-]?\\d{1,9}))?$`,
    "u",
  );
  return (text) => {
    const match = shape.exec(text);
    if (match === null) return null;
    const whole = match[2] === undefined ? "0" : significant(ungroup(match[2], format));
    const fraction = match[3] || match[4];
    const exponent = match[5] === undefined ? 0 : Number(match[5]);
    return signed(match[1], whole + (fraction ? `.${fraction}` : "")) +
      (exponent === 0 ? "" : `e${exponent}`);
  };
}

function copyPlainDecimal(format: NumberFormat, bounds: Bounds): CopyBytes | null {
  if (format.decimal !== ".") return null;
  return copyIf((bytes, start, end) => isPlainDecimal(bytes, start, end, bounds));
}

/** `-12.50`: no sign or leading zeros to drop, and certainly within the bounds. */
function isPlainDecimal(bytes: Uint8Array, start: number, end: number, bounds: Bounds): boolean {
  if (end - start > PLAIN_LENGTH) return false;
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  let whole = 0;
  let i = first;
  for (; i < end; i++) {
    const byte = bytes[i];
    if (byte < ZERO || byte > NINE) break;
    whole = whole * 10 + (byte - ZERO);
  }
  const digits = i - first;
  if (digits === 0 || digits > EXACT_DIGITS) return false;
  if (bytes[first] === ZERO && (digits > 1 || negative)) return false;
  if (i < end) {
    if (bytes[i] !== POINT || i + 1 === end) return false;
    for (let k = i + 1; k < end; k++) if (bytes[k] < ZERO || bytes[k] > NINE) return false;
  }
  // The value lies in [whole, whole + 1), or mirrored: judged without the fraction, so that
  // what is near a bound goes the exact way.
  const beyond = i < end ? whole + 1 : whole;
  return negative
    ? -beyond >= bounds.lowest && -whole <= bounds.highest
    : whole >= bounds.lowest && beyond <= bounds.highest;
}
