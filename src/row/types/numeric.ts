import type { ByteValue } from "../byte_rule.ts";
import {
  grouped,
  type NumberFormat,
  separator,
  signed,
  significant,
  ungroup,
} from "./number_format.ts";
import { UNBOUNDED, type ValueProgram } from "./value_program.ts";

/** Decimal numbers. Not `NaN`: in a file it means a missing value, for `null_values` to list. */
export function numericProgram(format: NumberFormat): ValueProgram {
  return {
    expectation: "must be a number",
    parse: decimalParser(format),
    bytes: plainDecimals(format),
  };
}

/** Like `numeric`, and also `NaN` and `Infinity` as Postgres spells them. */
export function floatProgram(format: NumberFormat): ValueProgram {
  const decimal = decimalParser(format);
  return {
    expectation: "must be a number",
    parse(text) {
      const special = /^(?:(nan)|([+-])?inf(?:inity)?)$/iu.exec(text);
      if (special === null) return decimal(text);
      if (special[1] !== undefined) return "NaN";
      return special[2] === "-" ? "-Infinity" : "Infinity";
    },
    bytes: plainDecimals(format),
  };
}

/** Canonical: no plus, no leading zeros, no bare point. Trailing zeros stay; they are the scale. */
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

function plainDecimals({ decimal }: NumberFormat): ByteValue | null {
  return decimal === "." ? { kind: "decimal", bounds: UNBOUNDED } : null;
}
