import type { ValueProgram } from "./value_program.ts";

/** Takes any version, with or without hyphens and braces; writes lower case with hyphens. */
export function uuidProgram(): ValueProgram {
  return {
    expectation: "must be a UUID",
    parse(text) {
      const bare = /^\{.*\}$/u.test(text) ? text.slice(1, -1) : text;
      const match = /^([\da-f]{8})(-?)([\da-f]{4})\2([\da-f]{4})\2([\da-f]{4})\2([\da-f]{12})$/iu
        .exec(bare);
      if (match === null) return null;
      return `${match[1]}-${match[3]}-${match[4]}-${match[5]}-${match[6]}`.toLowerCase();
    },
    bytes: { kind: "uuid" },
  };
}
