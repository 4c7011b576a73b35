import { copyIf, type ValueProgram } from "./value_program.ts";

const HYPHEN = 45;

/** With or without hyphens and braces, any version; lower case with hyphens comes out. */
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
    copy: copyIf(isCanonical),
  };
}

function isCanonical(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 36) return false;
  for (let i = 0; i < 36; i++) {
    const byte = bytes[start + i];
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (byte !== HYPHEN) return false;
    } else if (!(byte >= 48 && byte <= 57) && !(byte >= 97 && byte <= 102)) {
      return false;
    }
  }
  return true;
}
