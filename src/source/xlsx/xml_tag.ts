/** A tag with its attributes, as ranges of the bytes in which it stands. */
import { Buffer } from "node:buffer";
import { entityText, XmlError } from "./xml_entity.ts";

const SPACE = 0x20, GT = 0x3e, SLASH = 0x2f, EQUALS = 0x3d, COLON = 0x3a, LT = 0x3c;
const QUOTE = 0x22, APOSTROPHE = 0x27;
const MAX_ATTRIBUTES = 256;

/** Filled anew by each `read`. Attributes are known by their name without its prefix. */
export class XmlTag {
  name = "";
  bytes: Uint8Array = new Uint8Array();
  #count = 0;
  readonly #nameStart = new Int32Array(MAX_ATTRIBUTES);
  readonly #nameEnd = new Int32Array(MAX_ATTRIBUTES);
  readonly #valueStart = new Int32Array(MAX_ATTRIBUTES);
  readonly #valueEnd = new Int32Array(MAX_ATTRIBUTES);
  readonly #names = new Map<number, string>();

  /** Reads the tag whose `<` is at `i`. Returns the index after its `>`; -1 if it isn't complete. */
  read(bytes: Uint8Array, i: number): number {
    const { length } = bytes;
    let k = i + 1;
    while (k < length && !endsName(bytes[k])) k++;
    if (k === length) return -1;
    if (k === i + 1) throw new XmlError("it has a < that begins no tag");
    const nameEnd = k;
    let count = 0;
    for (;;) {
      while (k < length && (bytes[k] <= SPACE || bytes[k] === SLASH)) k++;
      if (k === length) return -1;
      if (bytes[k] === GT) break;
      const start = k;
      let local = k;
      while (k < length && !endsName(bytes[k])) {
        if (bytes[k] === COLON) local = k + 1;
        k++;
      }
      while (k < length && bytes[k] <= SPACE) k++;
      if (k === length) return -1;
      if (bytes[k] !== EQUALS || k === start) throw new XmlError("it has a damaged tag");
      const equals = k++;
      while (k < length && bytes[k] <= SPACE) k++;
      if (k === length) return -1;
      const quote = bytes[k];
      if (quote !== QUOTE && quote !== APOSTROPHE) throw new XmlError("it has a damaged tag");
      const valueStart = ++k;
      while (k < length && bytes[k] !== quote) {
        if (bytes[k] === LT) throw new XmlError("it has a damaged tag");
        k++;
      }
      if (k === length) return -1;
      if (count === MAX_ATTRIBUTES) throw new XmlError(`it has a tag of over ${count} attributes`);
      this.#nameStart[count] = local;
      let localEnd = equals;
      while (bytes[localEnd - 1] <= SPACE) localEnd--;
      this.#nameEnd[count] = localEnd;
      this.#valueStart[count] = valueStart;
      this.#valueEnd[count] = k++;
      count++;
    }
    this.#count = count;
    this.bytes = bytes;
    this.name = this.nameAt(bytes, i + 1, nameEnd);
    return k + 1;
  }

  /** A name without its prefix. The short names, of which there are millions, are made once. */
  nameAt(bytes: Uint8Array, from: number, to: number): string {
    let end = to;
    while (end > from && bytes[end - 1] <= SPACE) end--;
    let start = from;
    for (let k = from; k < end; k++) if (bytes[k] === COLON) start = k + 1;
    if (end - start > 3) return decode(bytes, start, end);
    let packed = 0;
    for (let k = start; k < end; k++) packed = packed << 8 | bytes[k];
    const known = this.#names.get(packed);
    if (known !== undefined) return known;
    const name = decode(bytes, start, end);
    this.#names.set(packed, name);
    return name;
  }

  /** The index of an attribute, for `start` and `end`; -1 if the tag doesn't have it. */
  find(name: string): number {
    const { bytes } = this;
    const { length } = name;
    for (let n = 0; n < this.#count; n++) {
      const start = this.#nameStart[n];
      if (this.#nameEnd[n] - start !== length) continue;
      let k = 0;
      while (k < length && bytes[start + k] === name.charCodeAt(k)) k++;
      if (k === length) return n;
    }
    return -1;
  }

  start(attribute: number): number {
    return this.#valueStart[attribute];
  }
  end(attribute: number): number {
    return this.#valueEnd[attribute];
  }

  /** An attribute's value; null if the tag doesn't have it. */
  text(name: string): string | null {
    const found = this.find(name);
    if (found === -1) return null;
    const value = decode(this.bytes, this.start(found), this.end(found));
    return value.includes("&")
      ? value.replace(/&([^;]*)(;?)/gu, (_, entity) => entityText(entity))
      : value;
  }

  /** An attribute that is a whole number; `missing` if the tag doesn't have it. NaN if it is none. */
  integer(name: string, missing: number): number {
    const found = this.find(name);
    if (found === -1) return missing;
    let value = 0;
    const end = this.end(found);
    for (let k = this.start(found); k < end; k++) {
      const digit = this.bytes[k] - 0x30;
      if (digit < 0 || digit > 9) return NaN;
      value = value * 10 + digit;
    }
    return value;
  }

  /** An attribute such as `hidden="1"`. */
  flag(name: string): boolean {
    const value = this.text(name);
    return value === "1" || value === "true";
  }
}

function endsName(byte: number): boolean {
  return byte <= SPACE || byte === GT || byte === SLASH || byte === EQUALS;
}

function decode(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
}
