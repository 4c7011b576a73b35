/**
 * Finds the arrays in a document, without keeping more of it than their places. Arrays in arrays, and
 * those that lie deeper, are parts of rows.
 */
import { readUpTo } from "../file/range.ts";
import type { LocalFile } from "../record_format.ts";
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  LF,
  OPEN_ARRAY,
  OPEN_OBJECT,
  passBlanks,
  QUOTE,
} from "./bytes.ts";
import { decodeKey } from "./decode.ts";
import type { JsonPath } from "./json_format.ts";

export interface FoundArray {
  readonly path: JsonPath;
  /** Byte offset and line of what comes behind its bracket. */
  readonly start: number;
  readonly line: number;
  /** Of the closing bracket; null if there is none. */
  end: number | null;
  holds: "nothing" | "objects" | "others";
}

export interface ArraysOfDocument {
  readonly arrays: readonly FoundArray[];
  /** The document is complete, and whether anything comes after it. */
  readonly isWhole: boolean;
  readonly hasMore: boolean;
}

const PIECE = 4 * 1024 * 1024;
const DEEPEST = 6;
const MOST_ARRAYS = 1000;
const LONGEST_KEY = 1000;

export async function findArrays({ path, end }: LocalFile): Promise<ArraysOfDocument> {
  const finder = new ArrayFinder();
  // One after the other, buffers would be a gigabyte before they are collected.
  const buffer = new Uint8Array(PIECE);
  let hasMore = false;
  for (let from = 0; from < end && !hasMore; from += PIECE) {
    const bytes = await readUpTo(path, from, Math.min(from + PIECE, end), buffer);
    const behind = finder.isOver ? 0 : finder.take(bytes, from);
    hasMore = finder.isOver && passBlanks(bytes, behind, bytes.length) < bytes.length;
  }
  return { arrays: finder.arrays, isWhole: finder.isOver, hasMore };
}

class ArrayFinder {
  readonly arrays: FoundArray[] = [];
  isOver = false;
  #line = 1;
  #depth = 0;
  /** The keys that lead to where it is, as far as objects are in objects. */
  readonly #keys: string[] = [];
  #key: number[] = [];
  #isText = false;
  #isEscaped = false;
  #hasEscape = false;
  #current: FoundArray | null = null;
  /** The depth of an array in which nothing is looked for; -1 outside. */
  #insideArray = -1;

  /** Returns the index behind the document, or behind the bytes. */
  take(bytes: Uint8Array, offset: number): number {
    for (let i = 0; i < bytes.length; i++) {
      if (this.#isText) i = this.#takeText(bytes, i);
      else if (this.#insideArray !== -1) i = this.#passArray(bytes, i);
      if (i === bytes.length) break;
      const byte = bytes[i];
      if (byte <= 0x20 || byte === COMMA) {
        if (byte === LF) this.#line++;
        continue;
      }
      const array = this.#current;
      if (array?.holds === "nothing" && byte !== CLOSE_ARRAY) {
        array.holds = byte === OPEN_OBJECT ? "objects" : "others";
      }
      if (byte === QUOTE) {
        this.#isText = true;
        this.#hasEscape = false;
        this.#key.length = 0;
      } else if (byte === COLON) {
        if (this.#insideArray === -1 && this.#depth <= DEEPEST) this.#nameKey();
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.#depth++;
        if (byte === OPEN_ARRAY && this.#insideArray === -1) this.#beginArray(offset + i + 1);
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (this.#depth === this.#insideArray) this.#endArray(offset + i);
        this.#depth--;
        if (this.#depth === 0) {
          this.isOver = true;
          return i + 1;
        }
      }
    }
    return bytes.length;
  }

  /** Returns the index behind the text, or behind the bytes. */
  #takeText(bytes: Uint8Array, from: number): number {
    const isKept = this.#insideArray === -1;
    let isEscaped = this.#isEscaped;
    let i = from;
    while (i < bytes.length) {
      const byte = bytes[i++];
      if (isEscaped) {
        isEscaped = false;
      } else if (byte === QUOTE || byte === LF) {
        // No text has a line end in it: then the quote is stray.
        if (byte === LF) this.#line++;
        this.#isText = false;
        break;
      } else if (byte === BACKSLASH) {
        isEscaped = this.#hasEscape = true;
      }
      if (isKept && this.#key.length < LONGEST_KEY) this.#key.push(byte);
    }
    this.#isEscaped = isEscaped;
    return i;
  }

  /**
   * Passes what is inside an array, where only its end matters. Nearly all of a file may be, so it is
   * five times as fast as `take`. Returns the index of the bracket, or behind the bytes.
   */
  #passArray(bytes: Uint8Array, from: number): number {
    if (this.#current?.holds === "nothing") return from;
    const { length } = bytes;
    let i = from;
    for (; i < length; i++) {
      const byte = bytes[i];
      if (byte > QUOTE && byte < OPEN_ARRAY) continue;
      if (byte === QUOTE) {
        i = endOfText(bytes, i + 1);
        // It goes on in the next piece.
        if (i >= length) {
          this.#isText = true;
          this.#isEscaped = i > length;
          return length;
        }
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.#depth++;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (this.#depth === this.#insideArray) break;
        this.#depth--;
      }
      if (bytes[i] === LF) this.#line++;
    }
    return i;
  }

  #nameKey(): void {
    const bytes = Uint8Array.from(this.#key);
    this.#keys.length = this.#depth;
    try {
      this.#keys[this.#depth - 1] = decodeKey(bytes, 0, bytes.length, this.#hasEscape);
    } catch {
      this.#keys[this.#depth - 1] = "";
    }
  }

  #beginArray(start: number): void {
    this.#insideArray = this.#depth;
    const path = this.#keys.slice(0, this.#depth - 1);
    if (path.length !== this.#depth - 1 || this.#depth > DEEPEST) return;
    if (this.arrays.length === MOST_ARRAYS) return;
    this.#current = { path, start, line: this.#line, end: null, holds: "nothing" };
    this.arrays.push(this.#current);
  }

  #endArray(end: number): void {
    this.#insideArray = -1;
    if (this.#current !== null) this.#current.end = end;
    this.#current = null;
  }
}

/**
 * The index of the quote that closes a text, or of a line end, which no text has. If the bytes end
 * before that, their length, or one more if the next byte is escaped.
 */
function endOfText(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  let i = from;
  while (i < length && bytes[i] !== QUOTE && bytes[i] !== LF) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
}
