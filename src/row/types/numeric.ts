import type { ByteValue } from "../byte_rule.ts";
import { accepting, hundredth } from "./number_notations.ts";
import {
  byteSeparators,
  grouped,
  isPartial,
  type NumberFormat,
  separator,
  signed,
  significant,
  ungroup,
} from "./number_format.ts";
import { UNBOUNDED, type ValueProgram } from "./value_program.ts";

const SPECIAL = /^(?:(nan)|([+-])?inf(?:inity)?)$/iu;

/**
 * Decimal numbers. `native`: also `NaN` and `Infinity`, because the column can hold them. In a text
 * they mean a missing value, for `null_values` to list.
 */
export function numericProgram(format: NumberFormat, native: boolean): ValueProgram {
  const decimal = accepting(decimalParser(format, false), format.accept, hundredth);
  return {
    expectation: "must be a number",
    parse: native ? (text) => special(text) ?? decimal(text) : decimal,
    bytes: byteDecimals(format),
  };
}

/** Like `numeric`, and also `NaN` and `Infinity` as Postgres spells them. Keeps -0. */
export function floatProgram(format: NumberFormat): ValueProgram {
  const decimal = accepting(decimalParser(format, true), format.accept, hundredth);
  return {
    expectation: "must be a number",
    parse: (text) => special(text) ?? decimal(text),
    bytes: byteDecimals(format),
  };
}

function special(text: string): string | null {
  const match = SPECIAL.exec(text);
  if (match === null) return null;
  if (match[1] !== undefined) return "NaN";
  return match[2] === "-" ? "-Infinity" : "Infinity";
}

/** Canonical: no plus, no leading zeros, no bare point. Trailing zeros stay; they are the scale. */
function decimalParser(
  format: NumberFormat,
  keepsNegativeZero: boolean,
): (text: string) => string | null {
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
    const unsigned = whole + (fraction ? `.${fraction}` : "");
    const number = keepsNegativeZero && match[1] === "-"
      ? `-${unsigned}`
      : signed(match[1], unsigned);
    return number + (exponent === 0 ? "" : `e${exponent}`);
  };
}

function byteDecimals(format: NumberFormat): ByteValue {
  const separators = byteSeparators(format.decimal, format.thousands);
  return { kind: "decimal", separators, bounds: UNBOUNDED, isPartial: isPartial(format) };
}
