/** Reads numbers, and copies those that can stay as they are written. Nearly all can. */
import { Buffer } from "node:buffer";
import type { ByteBuffer } from "./byte_buffer.ts";

const MINUS = 0x2d, DOT = 0x2e, ZERO = 0x30;
/** With more digits, a fraction has some that no spreadsheet shows. */
const SHOWN_DIGITS = 15;

/** False if a number has to be read to be written. */
export function copyPlainNumber({ bytes, length }: ByteBuffer, out: ByteBuffer): boolean {
  const first = bytes[0] === MINUS ? 1 : 0;
  let dot = -1;
  for (let i = first; i < length; i++) {
    const byte = bytes[i];
    if (byte >= ZERO && byte <= ZERO + 9) continue;
    if (byte !== DOT || dot !== -1) return false;
    dot = i;
  }
  if (length === first || dot === first) return false;
  const hasLeadingZero = bytes[first] === ZERO && length > first + 1 && dot !== first + 1;
  const isNegativeZero = first === 1 && bytes[1] === ZERO;
  if (hasLeadingZero || isNegativeZero) return false;
  if (dot !== -1) {
    if (length - first - 1 > SHOWN_DIGITS) return false;
    const last = bytes[length - 1];
    if (last === ZERO || last === DOT) return false;
  }
  out.add(bytes, 0, length);
  return true;
}

/** Beyond 2^53, digits are lost; up to here, a quotient of two whole numbers is exact. */
const EXACT_DIGITS = 15;

/** NaN if it is no number. */
export function readNumber({ bytes, length }: ByteBuffer): number {
  const first = bytes[0] === MINUS ? 1 : 0;
  let value = 0;
  let dot = -1;
  let i = first;
  for (; i < length; i++) {
    const digit = bytes[i] - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (bytes[i] === DOT && dot === -1) dot = i;
    else break;
  }
  const digits = i - first - (dot === -1 ? 0 : 1);
  if (i === length && digits > 0 && digits <= EXACT_DIGITS) {
    const exact = dot === -1 ? value : value / POWERS[length - dot - 1];
    return first === 1 ? -exact : exact;
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString("latin1").trim();
  // What XML's numbers may be, which is less than JavaScript's.
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu.test(text) ? Number(text) : NaN;
}

const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);
