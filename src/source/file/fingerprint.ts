/**
 * What tells whether two files have the same bytes: their size and CRC-32. It costs next to nothing
 * where the bytes are read anyway, and the checksums of a file's parts can be joined to that of the
 * whole. It is no defence against forgery.
 */
import { crc32 } from "node:zlib";

/** Takes bytes in their order. */
export class Fingerprint {
  #size = 0;
  #crc = 0;

  add(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#size += bytes.length;
  }

  /** `crc`: the CRC-32 of the next `size` bytes. */
  addPart(crc: number, size: number): void {
    this.#crc = joinCrc32(this.#crc, crc, size);
    this.#size += size;
  }

  /** Such as `1048576:89abcdef`. */
  toString(): string {
    return `${this.#size}:${this.#crc.toString(16).padStart(8, "0")}`;
  }
}

/** Of a byte string, from the CRC-32 of both of its parts and the size of the second. */
function joinCrc32(first: number, second: number, secondSize: number): number {
  // Appending n bytes multiplies by x^8n, as in zlib's crc32_combine.
  return (multiply(powerOfX(8 * secondSize), first) ^ second) >>> 0;
}

const POLYNOMIAL = 0xedb88320;
/** The polynomial 1: the highest bit is the lowest power. */
const ONE = 0x80000000;

/** The product of two polynomials, modulo CRC-32's own. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= b;
    b = (b & 1) === 0 ? b >>> 1 : (b >>> 1) ^ POLYNOMIAL;
  }
  return product >>> 0;
}

/** x, x^2, x^4, x^8 …: by squaring, as far as they are needed. */
const SQUARES = [ONE >>> 1];

function powerOfX(n: number): number {
  let power = ONE;
  for (let i = 0; n > 0; i++, n = Math.floor(n / 2)) {
    if (i === SQUARES.length) SQUARES.push(multiply(SQUARES[i - 1], SQUARES[i - 1]));
    if (n % 2 === 1) power = multiply(SQUARES[i], power);
  }
  return power;
}
