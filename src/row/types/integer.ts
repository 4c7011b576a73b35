import { UNBOUNDED, type ValueProgram } from "./value_program.ts";
import { grouped, type NumberFormat, signed, significant, ungroup } from "./number_format.ts";

/** Takes any number of digits; another check has the column's range. `1.0` is no whole number. */
export function integerProgram(format: NumberFormat): ValueProgram {
  const shape = new RegExp(`^([+-])?(?:${grouped(format)})$`, "u");
  return {
    expectation: "must be a whole number",
    parse(text) {
      const match = shape.exec(text);
      if (match === null) return null;
      return signed(match[1], significant(ungroup(match[2], format)));
    },
    bytes: { kind: "integer", bounds: UNBOUNDED },
  };
}
