/** Writes a cell's text into the copy: delimited text whose records end with CR. */
import { Buffer } from "node:buffer";
import type { ByteBuffer } from "./byte_buffer.ts";

const LF = 0x0a, CR = 0x0d, QUOTE = 0x22, COMMA = 0x2c, SPACE = 0x20, TAB = 0x09;
const UNDERSCORE = 0x5f, SMALL_X = 0x78;

/** What begins the text of a cell that has no value. Such a byte occurs nowhere in UTF-8. */
export const ERROR_MARK = 0xff;

/**
 * Appends a text as a field. Line breaks become LF, because CR ends a record; so each record is one
 * line, and its number is that of the sheet's row.
 */
export function addField(out: ByteBuffer, text: Uint8Array, length: number): void {
  let isPlain = true;
  for (let i = 0; i < length && isPlain; i++) {
    const byte = text[i];
    isPlain = byte !== COMMA && byte !== QUOTE && byte !== LF && byte !== CR;
  }
  if (isPlain && length > 0) isPlain = !isBlank(text[0]) && !isBlank(text[length - 1]);
  if (isPlain || length === 0) {
    out.add(text, 0, length);
    return;
  }
  out.need(2 * length + 2);
  const { bytes } = out;
  let at = out.length;
  bytes[at++] = QUOTE;
  for (let i = 0; i < length; i++) {
    const byte = text[i];
    if (byte === CR) {
      if (text[i + 1] !== LF) bytes[at++] = LF;
      continue;
    }
    if (byte === QUOTE) bytes[at++] = QUOTE;
    bytes[at++] = byte;
  }
  bytes[at++] = QUOTE;
  out.length = at;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/**
 * Undoes `_x000D_`, as workbooks write characters that XML can't hold. Half of a character stays as
 * it is.
 */
export function unescape(text: ByteBuffer): void {
  if (!hasEscape(text)) return;
  const written = Buffer.from(text.view()).toString();
  const read = written.replace(
    /_x(d[89ab][0-9a-f]{2})__x(d[c-f][0-9a-f]{2})_|_x([0-9a-f]{4})_/giu,
    (all, high, low, unit) => {
      if (high !== undefined) return String.fromCharCode(parseInt(high, 16), parseInt(low, 16));
      const code = parseInt(unit, 16);
      return code >= 0xd800 && code <= 0xdfff ? all : String.fromCharCode(code);
    },
  );
  if (read === written) return;
  const bytes = Buffer.from(read);
  text.length = 0;
  text.add(bytes, 0, bytes.length);
}

function hasEscape({ bytes, length }: ByteBuffer): boolean {
  for (let i = 0; i + 6 < length; i++) {
    if (bytes[i] === UNDERSCORE && bytes[i + 1] === SMALL_X && bytes[i + 6] === UNDERSCORE) {
      return true;
    }
  }
  return false;
}

/** Takes the blanks at both ends off what was added since `from`. */
export function trimFrom(text: ByteBuffer, from: number): void {
  const { bytes } = text;
  let end = text.length;
  while (end > from && isXmlBlank(bytes[end - 1])) end--;
  let start = from;
  while (start < end && isXmlBlank(bytes[start])) start++;
  if (start > from) bytes.copyWithin(from, start, end);
  text.length = from + end - start;
}

function isXmlBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === LF || byte === CR;
}
