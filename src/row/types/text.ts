/** Types whose values go to Postgres in the words of the file. */
import type { ValueProgram } from "./value_program.ts";

/** Any text. Also for types that only Postgres can read (inet, arrays, ranges, …). */
export function textProgram(): ValueProgram {
  return {
    expectation: "must be text",
    parse: (text) => text,
    bytes: { kind: "text", minLength: 0 },
  };
}

/** http and https only; what the URL standard can read, without blanks. */
export function urlProgram(): ValueProgram {
  return {
    expectation: "must be a valid URL (http or https)",
    parse: (text) => /^https?:\/\/[^\s\p{C}]+$/iu.test(text) && URL.canParse(text) ? text : null,
    bytes: null,
  };
}

/** The text itself goes on, so that no digit of a long number is lost. */
export function jsonProgram(): ValueProgram {
  return {
    expectation: "must be valid JSON",
    parse(text) {
      try {
        JSON.parse(text);
        return text;
      } catch {
        return null;
      }
    },
    bytes: null,
  };
}
