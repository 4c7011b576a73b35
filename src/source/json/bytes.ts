/** The bytes of JSON that have a meaning. */

export const LF = 0x0a;
export const CR = 0x0d;
export const TAB = 0x09;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;

export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

/** Index of the first byte in [from, limit) that is not white space, or `limit`. */
export function passBlanks(bytes: Uint8Array, from: number, limit: number): number {
  let i = from;
  while (i < limit && isBlank(bytes[i])) i++;
  return i;
}

/** Index after the last byte in [from, to) that is not white space, or `from`. */
export function withoutBlanks(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && isBlank(bytes[end - 1])) end--;
  return end;
}

export function countLines(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) if (bytes[i] === LF) lines++;
  return lines;
}
