import type { ValueProgram } from "./value_program.ts";

const encoder = new TextEncoder();
const AT = 64, DOT = 46, HYPHEN = 45;
/** In bytes, from RFC 5321. */
const MAX_ADDRESS = 254, MAX_LOCAL = 64, MAX_LABEL = 63;

/** A UTF-16 unit takes at most three bytes. */
const scratch = new Uint8Array(3 * MAX_ADDRESS);

/** ASCII that a local part may contain without quotes (RFC 5322 atext), without the dot. */
const ATEXT = allowed(
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~-",
);
const LABEL = allowed("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

/**
 * Takes addresses that mail can be sent to: `local@domain.tld`, lengths as in RFC 5321, letters of
 * any script. Refuses some that the RFCs allow: quoted local parts, addresses in brackets, domains
 * without a dot. One pass, so that no input makes it slow. The text stays as it is.
 */
export function emailProgram(): ValueProgram {
  return {
    expectation: "must be a valid email address",
    parse(text) {
      if (text.length > MAX_ADDRESS) return null;
      const { written } = encoder.encodeInto(text, scratch);
      // The loop over bytes can't see blanks and control characters outside ASCII.
      if (written !== text.length && /[\s\p{C}]/u.test(text)) return null;
      return isAddress(scratch, 0, written) ? text : null;
    },
    bytes: { kind: "email" },
  };
}

function isAddress(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MAX_ADDRESS) return false;
  const at = localEnd(bytes, start, end);
  if (at < 0) return false;
  let labels = 0;
  let labelStart = at + 1;
  let letters = false;
  for (let i = labelStart; i <= end; i++) {
    if (i < end && bytes[i] !== DOT) {
      const byte = bytes[i];
      if (byte < 128 && LABEL[byte] === 0) return false;
      if (byte > 57) letters = true;
      continue;
    }
    const length = i - labelStart;
    if (length === 0 || length > MAX_LABEL) return false;
    if (bytes[labelStart] === HYPHEN || bytes[i - 1] === HYPHEN) return false;
    labels++;
    // The last label decides: `1.2.3.4` is not a domain.
    if (i === end) return labels > 1 && letters && length > 1;
    letters = false;
    labelStart = i + 1;
  }
  return false;
}

/** Position of the `@` after a well-formed local part, or -1. */
function localEnd(bytes: Uint8Array, start: number, end: number): number {
  let previous = DOT;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === AT) return previous === DOT || i - start > MAX_LOCAL ? -1 : i;
    if (byte === DOT) {
      if (previous === DOT) return -1;
    } else if (byte < 128 && ATEXT[byte] === 0) {
      return -1;
    }
    previous = byte;
  }
  return -1;
}

function allowed(characters: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
