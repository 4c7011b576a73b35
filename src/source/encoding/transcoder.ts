/**
 * Turns text in another encoding into UTF-8, piece by piece.
 *
 * A byte that stands for nothing in the encoding is copied as it is, and is no valid UTF-8 there. So
 * its row fails, like damaged rows of UTF-8 files, nothing is silently replaced, and the log has the
 * byte that the file has.
 */
import { Buffer, isUtf8 } from "node:buffer";
import { type Decoder, decoderOf, DEFINES_NO_C1 } from "./decoder.ts";

/** Never a part of a character, in any encoding whose characters are bytes. */
const SEPARATES = 0x30;
/** What has no such byte for so long is decoded without a look at damaged places. */
const LONGEST_PIECE = 4 * 1024 * 1024;
const LONGEST_CHARACTER = 4;
/** Its characters depend on what came before them. */
const SHIFTS = "iso-2022-jp";
/** Occurs nowhere in UTF-8. */
const INVALID = 0xff;

const encoder = new TextEncoder();

/** A function that turns the next bytes into UTF-8; `isLast`: none follow. */
export type Transcode = (bytes: Uint8Array, isLast: boolean) => Uint8Array;

/** `encoding`: a canonical name. Throws RangeError for an unknown one. */
export function transcoder(encoding: string): Transcode {
  const label = decoderOf(encoding).encoding;
  if (label === SHIFTS) return shiftingTranscoder(label);
  const units = label === "utf-16le" || label === "utf-16be" ? new UnitDecoder(label) : null;
  const decoder = units ?? new CharacterDecoder(label);
  let rest: Uint8Array = new Uint8Array();
  let withoutLook: Transcode | null = null;
  return (bytes, isLast) => {
    if (withoutLook !== null) return withoutLook(bytes, isLast);
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const end = isLast ? all.length : decoder.endOfWhole(all);
    if (end === 0 && all.length > LONGEST_PIECE) {
      withoutLook = shiftingTranscoder(label);
      return withoutLook(all, isLast);
    }
    rest = all.slice(end);
    return decoder.transcode(all.subarray(0, end));
  };
}

/** For what can't be looked at in pieces: a damaged place becomes U+FFFD, made invalid. */
function shiftingTranscoder(encoding: string): Transcode {
  const decoder = decoderOf(encoding, { ignoreBOM: true });
  const hasNoC1 = DEFINES_NO_C1.test(encoding);
  return (bytes, isLast) => {
    const decoded = decoder.decode(bytes, { stream: !isLast });
    const text = hasNoC1 ? decoded.replace(/[\u0080-\u009f]/gu, "\ufffd") : decoded;
    const utf8 = encoder.encode(text);
    for (let i = utf8.indexOf(0xef); i !== -1; i = utf8.indexOf(0xef, i + 1)) {
      if (utf8[i + 1] === 0xbf && utf8[i + 2] === 0xbd) utf8[i] = INVALID;
    }
    return utf8;
  };
}

/** Encodings whose characters are one byte or several. */
class CharacterDecoder {
  readonly #decoder: Decoder;
  readonly #hasNoC1: boolean;

  constructor(encoding: string) {
    this.#decoder = decoderOf(encoding, { ignoreBOM: true });
    this.#hasNoC1 = DEFINES_NO_C1.test(encoding);
  }

  endOfWhole(bytes: Uint8Array): number {
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] >= SEPARATES) end--;
    return end;
  }

  transcode(bytes: Uint8Array): Uint8Array {
    const text = this.#decode(bytes);
    if (text !== null) return encoder.encode(text);
    const parts: Uint8Array[] = [];
    for (let start = 0; start < bytes.length;) {
      let end = start;
      while (end < bytes.length && bytes[end] >= SEPARATES) end++;
      while (end < bytes.length && bytes[end] < SEPARATES) end++;
      const piece = bytes.subarray(start, end);
      const whole = this.#decode(piece);
      parts.push(whole === null ? this.#byCharacter(piece) : encoder.encode(whole));
      start = end;
    }
    return Buffer.concat(parts);
  }

  #byCharacter(bytes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    let damaged = 0;
    for (let i = 0; i < bytes.length;) {
      const longest = Math.min(LONGEST_CHARACTER, bytes.length - i);
      let length = 0;
      let character: string | null = null;
      while (character === null && length < longest) {
        character = this.#decode(bytes.subarray(i, i + ++length));
      }
      if (character === null) {
        damaged++;
        i++;
        continue;
      }
      if (damaged > 0) parts.push(asInvalid(bytes.subarray(i - damaged, i)));
      damaged = 0;
      parts.push(encoder.encode(character));
      i += length;
    }
    if (damaged > 0) parts.push(asInvalid(bytes.subarray(bytes.length - damaged)));
    return Buffer.concat(parts);
  }

  /** Null if some of the bytes stand for nothing. */
  #decode(bytes: Uint8Array): string | null {
    const text = this.#decoder.decode(bytes);
    if (text.includes("\ufffd")) return null;
    return this.#hasNoC1 && /[\u0080-\u009f]/u.test(text) ? null : text;
  }
}

/** UTF-16: damaged are halves of surrogate pairs, and a last byte without its other half. */
class UnitDecoder {
  readonly #decoder: Decoder;
  readonly #high: 0 | 1;

  constructor(encoding: "utf-16le" | "utf-16be") {
    this.#decoder = decoderOf(encoding, { ignoreBOM: true });
    this.#high = encoding === "utf-16le" ? 1 : 0;
  }

  endOfWhole(bytes: Uint8Array): number {
    const end = bytes.length - bytes.length % 2;
    const isFirstHalf = end > 0 && (bytes[end - 2 + this.#high] & 0xfc) === 0xd8;
    return isFirstHalf ? end - 2 : end;
  }

  transcode(bytes: Uint8Array): Uint8Array {
    const even = bytes.length - bytes.length % 2;
    const text = this.#decoder.decode(bytes.subarray(0, even));
    const parts: Uint8Array[] = [];
    // Only a text with this character may have lost something.
    if (text.includes("\ufffd")) this.#byUnit(bytes.subarray(0, even), parts);
    else parts.push(encoder.encode(text));
    if (even < bytes.length) parts.push(asInvalid(bytes.subarray(even)));
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  #byUnit(bytes: Uint8Array, parts: Uint8Array[]): void {
    const low = 1 - this.#high;
    let text = "";
    for (let i = 0; i < bytes.length; i += 2) {
      text += String.fromCharCode(bytes[i + this.#high] << 8 | bytes[i + low]);
    }
    // Each match is a half without its other half, or a text without such halves.
    for (const [part] of text.matchAll(/\p{Cs}|\P{Cs}+/gu)) {
      const unit = part.charCodeAt(0);
      const isHalf = part.length === 1 && unit >= 0xd800 && unit < 0xe000;
      parts.push(
        isHalf
          ? Uint8Array.of(0xe0 | unit >> 12, 0x80 | unit >> 6 & 0x3f, 0x80 | unit & 0x3f)
          : encoder.encode(part),
      );
    }
  }
}

/** The bytes, and one before them if they would be valid UTF-8 by chance. */
function asInvalid(bytes: Uint8Array): Uint8Array {
  return isUtf8(bytes) ? Buffer.concat([Uint8Array.of(INVALID), bytes]) : bytes;
}
