/** Texts, numbers and words of JSON. */
import { BACKSLASH, LF, QUOTE } from "./bytes.ts";
import type { Problem } from "./problem.ts";

/** In place of an index: the bytes end in the middle. */
export const RAN_OUT = -1;
/** In place of an index: it is no JSON; `ScalarProblem` says why. */
export const WRONG = -2;

/** What is wrong with a value, or what there is to know of a text. */
export class ScalarProblem {
  at = 0;
  problem: Problem = "value";
  isEscaped = false;
  isWide = false;

  wrong(at: number, problem: Problem): number {
    this.at = at;
    this.problem = problem;
    return WRONG;
  }
}

/** Escapes of one letter: `"\/bfnrt`. */
const LETTERS = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]);
const LETTER_U = 0x75;
const HEX = /^[0-9a-fA-F]{4}$/u;

/** `from`: behind the opening quote. Returns the index behind the closing one. */
export function passString(
  bytes: Uint8Array,
  from: number,
  limit: number,
  found: ScalarProblem,
): number {
  found.isEscaped = false;
  found.isWide = false;
  let bits = 0;
  for (let i = from; i < limit; i++) {
    const byte = bytes[i];
    bits |= byte;
    if (byte > BACKSLASH) continue;
    if (byte === QUOTE) {
      found.isWide = bits > 0x7f;
      return i + 1;
    }
    if (byte < 0x20) return found.wrong(i, byte === LF || byte === 0x0d ? "lineBreak" : "control");
    if (byte !== BACKSLASH) continue;
    found.isEscaped = true;
    if (i + 1 >= limit) return RAN_OUT;
    const letter = bytes[i + 1];
    if (letter === LETTER_U) {
      if (i + 6 > limit) return RAN_OUT;
      if (!HEX.test(String.fromCharCode(...bytes.subarray(i + 2, i + 6)))) {
        return found.wrong(i, "escape");
      }
      i += 5;
    } else {
      if (!LETTERS.has(letter)) return found.wrong(i, letter === LF ? "lineBreak" : "escape");
      i++;
    }
  }
  return RAN_OUT;
}

/** A number ends with the first byte that can't belong to it. */
export function passNumber(
  bytes: Uint8Array,
  from: number,
  limit: number,
  final: boolean,
  found: ScalarProblem,
): number {
  let i = bytes[from] === MINUS ? from + 1 : from;
  const whole = i;
  i = passDigits(bytes, i, limit);
  const hasZero = bytes[whole] === ZERO && i - whole > 1;
  let isRight = i > whole && !hasZero;
  if (isRight && i < limit && bytes[i] === POINT) {
    const fraction = i + 1;
    i = passDigits(bytes, fraction, limit);
    isRight = i > fraction;
  }
  if (isRight && i < limit && (bytes[i] | 0x20) === LETTER_E) {
    i++;
    if (i < limit && (bytes[i] === PLUS || bytes[i] === MINUS)) i++;
    const exponent = i;
    i = passDigits(bytes, exponent, limit);
    isRight = i > exponent;
  }
  if (i >= limit && !final) return RAN_OUT;
  if (!isRight) {
    return i === whole && isLetter(bytes[i]) ? found.wrong(i, "word") : found.wrong(i, "number");
  }
  return i < limit && isLetter(bytes[i]) ? found.wrong(i, "number") : i;
}

const ZERO = 0x30, POINT = 0x2e, PLUS = 0x2b, MINUS = 0x2d, LETTER_E = 0x65;

function passDigits(bytes: Uint8Array, from: number, limit: number): number {
  let i = from;
  while (i < limit && bytes[i] >= ZERO && bytes[i] <= 0x39) i++;
  return i;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

const WORDS = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));

export function passWord(
  bytes: Uint8Array,
  from: number,
  limit: number,
  final: boolean,
  found: ScalarProblem,
): number {
  for (const word of WORDS) {
    let same = 0;
    while (same < word.length && from + same < limit && bytes[from + same] === word[same]) same++;
    const end = from + same;
    if (same === word.length) {
      if (end === limit && !final) return RAN_OUT;
      return end < limit && isLetter(bytes[end]) ? found.wrong(from, "word") : end;
    }
    if (same > 0 && end === limit) return final ? found.wrong(end, "ends") : RAN_OUT;
  }
  const byte = bytes[from];
  if (byte === 0x27) return found.wrong(from, "apostrophe");
  if (byte === 0x2f) return found.wrong(from, "comment");
  if (byte === PLUS || byte === POINT) return found.wrong(from, "number");
  return found.wrong(from, isLetter(byte) ? "word" : "value");
}
