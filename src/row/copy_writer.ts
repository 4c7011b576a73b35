/** A growing buffer of rows in the text format of `COPY … FROM STDIN`. */
import type { RowWriter } from "./row_writer.ts";

const TAB = 9, LF = 10, CR = 13, BACKSLASH = 92;
/** In characters. Longer texts are written faster by the encoder. */
const SHORT = 100;
const encoder = new TextEncoder();
const HEX_DIGITS = encoder.encode("0123456789abcdef");

export class CopyWriter implements RowWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(initialBytes = 1 << 16) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** The whole buffer; its first `length` bytes are written. Valid until the next write. */
  get buffer(): Uint8Array {
    return this.#bytes;
  }

  /** The bytes written in this range; valid until the next write. */
  view(start = 0, end = this.#length): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  /** Removes everything after `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  separator(): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = TAB;
  }

  endRow(): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = LF;
  }

  null(): void {
    this.#reserve(2);
    this.#bytes[this.#length++] = BACKSLASH;
    this.#bytes[this.#length++] = 78;
  }

  /** One byte that needs no escaping. */
  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** UTF-8 bytes of a value. */
  bytes(source: Uint8Array, start: number, end: number): void {
    this.#reserve((end - start) * 2);
    const target = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) {
      const byte = source[i];
      if (byte === BACKSLASH || byte === TAB || byte === LF || byte === CR) {
        target[at++] = BACKSLASH;
        target[at++] = escaped(byte);
      } else {
        target[at++] = byte;
      }
    }
    this.#length = at;
  }

  text(value: string): void {
    const length = value.length;
    // encodeInto needs at most three bytes for a UTF-16 unit, and escaping may double them.
    this.#reserve(length * 6);
    if (length > SHORT || !this.#shortAscii(value)) this.#encode(value);
  }

  /** For typical fields, a loop is five times as fast as a call to the encoder. */
  #shortAscii(value: string): boolean {
    const target = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return false;
      if (unit === BACKSLASH || unit === TAB || unit === LF || unit === CR) {
        target[at++] = BACKSLASH;
        target[at++] = escaped(unit);
      } else {
        target[at++] = unit;
      }
    }
    this.#length = at;
    return true;
  }

  #encode(value: string): void {
    const start = this.#length;
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(start));
    const end = start + written;
    const target = this.#bytes;
    let extra = 0;
    for (let i = start; i < end; i++) {
      const byte = target[i];
      if (byte === BACKSLASH || byte === TAB || byte === LF || byte === CR) extra++;
    }
    if (extra > 0) {
      let to = end + extra - 1;
      for (let i = end - 1; i >= start; i--) {
        const byte = target[i];
        if (byte === BACKSLASH || byte === TAB || byte === LF || byte === CR) {
          target[to--] = escaped(byte);
          target[to--] = BACKSLASH;
        } else {
          target[to--] = byte;
        }
      }
    }
    this.#length = end + extra;
  }

  /** Writes bytes as a bytea, `\\x6162`, without making a string of them. */
  hex(source: Uint8Array): void {
    this.#reserve(source.length * 2 + 3);
    const target = this.#bytes;
    let at = this.#length;
    target[at++] = BACKSLASH;
    target[at++] = BACKSLASH;
    target[at++] = 120; // x
    for (const byte of source) {
      target[at++] = HEX_DIGITS[byte >> 4];
      target[at++] = HEX_DIGITS[byte & 15];
    }
    this.#length = at;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    let size = this.#bytes.length * 2;
    while (size < this.#length + more) size *= 2;
    const grown = new Uint8Array(size);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function escaped(byte: number): number {
  switch (byte) {
    case TAB:
      return 116; // t
    case LF:
      return 110; // n
    case CR:
      return 114; // r
    default:
      return byte;
  }
}
