import { UNBOUNDED, type ValueProgram } from "./value_program.ts";
import { accepting, wholeHundredth } from "./number_notations.ts";
import {
  byteSeparators,
  grouped,
  isPartial,
  type NumberFormat,
  signed,
  significant,
  ungroup,
} from "./number_format.ts";

/** Takes any number of digits; another check has the column's range. `1.0` is no whole number. */
export function integerProgram(format: NumberFormat): ValueProgram {
  const shape = new RegExp(`^([+-])?(?:${grouped(format)})$`, "u");
  const plain = (text: string) => {
    const match = shape.exec(text);
    return match === null ? null : signed(match[1], significant(ungroup(match[2], format)));
  };
  return {
    expectation: "must be a whole number",
    parse: accepting(plain, format.accept, wholeHundredth),
    bytes: {
      kind: "integer",
      separators: byteSeparators("", format.thousands),
      bounds: UNBOUNDED,
      isPartial: isPartial(format),
    },
  };
}
