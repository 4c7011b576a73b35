/** Backslash escapes of COPY's text format. */

const LETTERS: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const WRITTEN: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

export const NULL = "\\N";

/** Octal and hexadecimal digits name a byte, which may be a part of a character. */
const ESCAPE = /\\(?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|[^])/gu;
const MAY_NAME_BYTES = /\\(?:x[0-9A-Fa-f]|[0-7])/u;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** What a field that is not NULL stands for; null if bytes that it names are no text. */
export function unescaped(text: string): string | null {
  if (!MAY_NAME_BYTES.test(text)) return text.replace(ESCAPE, (escape) => letter(escape));
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const match of text.matchAll(ESCAPE)) {
    pieces.push(encoder.encode(text.slice(at, match.index)));
    const byte = byteOf(match[0]);
    pieces.push(byte === null ? encoder.encode(letter(match[0])) : Uint8Array.of(byte));
    at = match.index + match[0].length;
  }
  pieces.push(encoder.encode(text.slice(at)));
  try {
    const whole = strict.decode(joined(pieces));
    return whole.includes("\0") ? null : whole;
  } catch {
    return null;
  }
}

export function escaped(text: string, delimiter: string): string {
  let result = "";
  for (const character of text) {
    result += WRITTEN[character] ?? (character === delimiter ? `\\${character}` : character);
  }
  return result;
}

function letter(escape: string): string {
  const character = escape.slice(1);
  return LETTERS[character] ?? character;
}

function byteOf(escape: string): number | null {
  const hex = /^\\x([0-9A-Fa-f]{1,2})$/u.exec(escape);
  if (hex !== null) return parseInt(hex[1], 16);
  const octal = /^\\([0-7]{1,3})$/u.exec(escape);
  return octal === null ? null : parseInt(octal[1], 8) & 0xff;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
