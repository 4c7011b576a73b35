/** Recognises Unicode by a file's first bytes: pure functions. choose_encoding.ts does the rest. */
import { Buffer, isAscii, isUtf8 } from "node:buffer";
import { isCutSequence } from "./utf8_evidence.ts";

/** A larger sample would only take more time. */
export const SAMPLE_BYTES = 1024 * 1024;

export interface DetectedEncoding {
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be";
  /** Length of the byte order marks at the beginning, which are not data. */
  readonly bomBytes: number;
}

/** The byte order mark, or several: programs put one before a file that has one already. */
export function byteOrderMark(sample: Uint8Array): DetectedEncoding | null {
  for (const [encoding, mark] of MARKS) {
    let bomBytes = 0;
    while (mark.every((byte, i) => sample[bomBytes + i] === byte)) bomBytes += mark.length;
    if (bomBytes > 0) return { encoding, bomBytes };
  }
  return null;
}

/** The mark, encoded as UTF-8 after it had been read as windows-1252: "ï»¿". */
const DOUBLY_ENCODED = [0xc3, 0xaf, 0xc2, 0xbb, 0xc2, 0xbf];

/** The length of the marks, of any kind, at the beginning of text in UTF-8. */
export function utf8Marks(sample: Uint8Array): number {
  let length = 0;
  for (;;) {
    const rest = sample.subarray(length);
    const mark = [MARKS[0][1], DOUBLY_ENCODED].find((each) => each.every((b, i) => rest[i] === b));
    if (mark === undefined) return length;
    length += mark.length;
  }
}

const MARKS: readonly (readonly [DetectedEncoding["encoding"], readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** UTF-32's mark, which begins like that of UTF-16. */
export function isUtf32(sample: Uint8Array): boolean {
  const [a, b, c, d] = sample;
  return (a === 0xff && b === 0xfe && c === 0 && d === 0) ||
    (a === 0 && b === 0 && c === 0xfe && d === 0xff);
}

const ESC = String.fromCharCode(0x1b);
/** The escape sequence before Japanese, its characters, and the one after them. */
const ISO_2022_JP = new RegExp(`${ESC}\\$[@B]((?:[!-~]{2})*)(?:${ESC}\\([BJ]|$)`, "gu");

/** ISO-2022-JP: ASCII bytes that mean Japanese between these two escape sequences. */
export function isIso2022Jp(sample: Uint8Array): boolean {
  // Hardly any file has an escape.
  if (!sample.includes(0x1b)) return false;
  const bytes = Buffer.from(sample.buffer, sample.byteOffset, sample.length).toString("latin1");
  const shifted = bytes.matchAll(ISO_2022_JP);
  const decoder = new TextDecoder("iso-2022-jp", { fatal: true });
  try {
    for (const [all, characters] of shifted) {
      if (characters === "") continue;
      decoder.decode(Buffer.from(all, "latin1"));
      return isAscii(sample);
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return false;
}

/** Characters that are enough to tell UTF-16 from other bytes. */
const WIDE_SAMPLE = 4096;

/**
 * Text in UTF-16 has line ends, delimiters and digits, in any language: each is a NUL beside an
 * ASCII byte, always on the same side. Read with the bytes swapped, or if it isn't UTF-16 at all,
 * it has NULs, control characters or halves of surrogate pairs instead.
 */
export function utf16WithoutMark(sample: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (sample.length < 4 || !sample.includes(0)) return null;
  const le = fitOfUtf16(sample, 1, 0);
  const be = fitOfUtf16(sample, 0, 1);
  if (Math.max(le, be) === 0 || le === be) return null;
  return le > be ? "utf-16le" : "utf-16be";
}

/** The share of ASCII in text; 0 if it is not text. `high`, `low`: where a unit has which byte. */
function fitOfUtf16(sample: Uint8Array, high: 0 | 1, low: 0 | 1): number {
  const units = Math.min(sample.length >> 1, WIDE_SAMPLE);
  const few = units * 0.05;
  let ascii = 0;
  let pending = false;
  let halves = 0;
  let strange = 0;
  let wide = 0;
  let twoAscii = 0;
  /** Units beyond ASCII with a tab or line end as their second byte. */
  let controlsSecond = 0;
  /** How many have this one as their first byte. */
  const controlsFirst = new Map([[TAB, 0], [LF, 0], [CR, 0]]);
  for (let i = 0; i < units; i++) {
    const unit = sample[2 * i + high] << 8 | sample[2 * i + low];
    const isLow = unit >= 0xdc00 && unit < 0xe000;
    if (pending !== isLow) halves++;
    pending = unit >= 0xd800 && unit < 0xdc00;
    if (isAsciiText(unit)) ascii++;
    // Controls, private use and non-characters, and U+0D0A: a CR and an LF of one byte each.
    else if (unit < 0xa0 || (unit >= 0xe000 && unit < 0xf900) || unit === 0x0d0a) strange++;
    else {
      wide++;
      const [first, second] = [unit >> 8, unit & 0xff];
      if (controlsFirst.has(second)) controlsSecond++;
      const seen = controlsFirst.get(first);
      if (seen !== undefined) controlsFirst.set(first, seen + 1);
      // Japanese letters are two ASCII bytes as well: a 0 and what hardly ever follows it.
      if (isAsciiText(first) && isPrintable(second) && !isKana(unit)) twoAscii++;
    }
  }
  // Characters of which a half is missing fail their rows.
  if (halves > Math.max(1, few) || strange > few) return 0;
  if (controlsSecond > Math.max(1, wide * 0.2)) return 0;
  // All letters of Hindi, Panjabi and Malayalam have the same first byte: a tab, an LF or a CR.
  if (Math.max(...controlsFirst.values()) >= wide * 0.9) return ascii / units;
  // A fifth of all Chinese characters are two ASCII bytes, but not most of those in a text, and not
  // nearly all where digits and delimiters show what the text is.
  const most = ascii > units * 0.5 ? 0.9 : 0.6;
  return twoAscii > wide * most ? 0 : ascii / units;
}

const TAB = 0x09, LF = 0x0a, CR = 0x0d;

function isKana(unit: number): boolean {
  return unit > 0x3040 && unit < 0x3100;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

function isAsciiText(byte: number): boolean {
  return isPrintable(byte) || byte === TAB || byte === LF || byte === CR;
}

/** Is it valid UTF-8, but for characters that the sample's ends may have cut? */
export function isUtf8Piece(piece: Uint8Array): boolean {
  let start = 0;
  while (start < 3 && (piece[start] & 0xc0) === 0x80) start++;
  return isUtf8(piece.subarray(start, endOfWholeCharacters(piece)));
}

export { isAscii, isUtf8 };

/** The index after the last character that isn't cut. */
export function endOfWholeCharacters(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let left = 1; left <= Math.min(3, length); left++) {
    const byte = bytes[length - left];
    if (byte < 0x80) return length;
    if (byte >= 0xc0) return isCutSequence(bytes, length - left, length) ? length - left : length;
  }
  return length;
}
