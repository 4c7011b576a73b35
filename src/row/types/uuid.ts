import type { ValueProgram } from "./value_program.ts";

const USUAL = /^([\da-f]{8})(-?)([\da-f]{4})\2([\da-f]{4})\2([\da-f]{4})\2([\da-f]{12})$/iu;
/** Postgres takes a hyphen after any group of four digits. */
const NATIVE = /^(?:[\da-f]{4}-?){7}[\da-f]{4}$/iu;

/**
 * Takes any version, with or without hyphens and braces; writes lower case with hyphens. `native`:
 * takes what Postgres takes.
 */
export function uuidProgram(native: boolean): ValueProgram {
  const shape = native ? NATIVE : USUAL;
  return {
    expectation: "must be a UUID",
    parse(text) {
      const bare = /^\{.*\}$/u.test(text) ? text.slice(1, -1) : text;
      if (!shape.test(bare)) return null;
      const digits = bare.replaceAll("-", "").toLowerCase();
      const groups = [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]] as const;
      return groups.map(([from, to]) => digits.slice(from, to)).join("-");
    },
    bytes: { kind: "uuid" },
  };
}
