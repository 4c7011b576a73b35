import { copyIf, type ValueProgram } from "./value_program.ts";
import { grouped, type NumberFormat, signed, significant, ungroup } from "./number_format.ts";

const ZERO = 48, NINE = 57, MINUS = 45;
/** Below 2^53, so that a plain number holds it exactly. */
const EXACT_DIGITS = 15;

export interface Bounds {
  readonly lowest: number;
  readonly highest: number;
}

/** Any number of digits; the column's range is another check. `1.0` is not a whole number. */
export function integerProgram(format: NumberFormat, bounds: Bounds): ValueProgram {
  const shape = new RegExp(`^([+-])?(?:${grouped(format)})$`, "u");
  return {
    expectation: "must be a whole number",
    parse(text) {
      const match = shape.exec(text);
      if (match === null) return null;
      return signed(match[1], significant(ungroup(match[2], format)));
    },
    copy: copyIf((bytes, start, end) => isPlainInteger(bytes, start, end, bounds)),
  };
}

/** Digits without leading zeros, at most 15 of them, within the bounds. */
function isPlainInteger(bytes: Uint8Array, start: number, end: number, bounds: Bounds): boolean {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  if (end <= first || end - first > EXACT_DIGITS) return false;
  if (bytes[first] === ZERO && (negative || end - first > 1)) return false;
  let value = 0;
  for (let i = first; i < end; i++) {
    const byte = bytes[i];
    if (byte < ZERO || byte > NINE) return false;
    value = value * 10 + (byte - ZERO);
  }
  if (negative) value = -value;
  return value >= bounds.lowest && value <= bounds.highest;
}
