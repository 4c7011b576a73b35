/** Types whose values go to Postgres exactly as they are in the file. */
import type { ValueProgram } from "./value_program.ts";

/** Any text. Also for types that only Postgres can read (inet, arrays, ranges, …). */
export function textProgram(): ValueProgram {
  return {
    expectation: "must be text",
    parse: (text) => text,
    bytes: { kind: "text" },
  };
}

/** http and https only; any text that the URL standard can parse, without blanks. */
export function urlProgram(): ValueProgram {
  return {
    expectation: "must be a valid URL (http or https)",
    parse: (text) => /^https?:\/\/[^\s\p{C}]+$/iu.test(text) && URL.canParse(text) ? text : null,
    bytes: { kind: "url" },
  };
}

/** Postgres gets the text itself, so that no digit of a long number is lost. */
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
    bytes: { kind: "json" },
  };
}
