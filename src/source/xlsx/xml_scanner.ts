/**
 * Reads the XML of a workbook's part, piece by piece, without making strings of what nobody asks
 * for. Nothing outside the part is ever read: a document type, with which a file could name other
 * files or entities that grow, is refused, since no program writes one into a workbook.
 */
import { Buffer } from "node:buffer";
import { entityBytes, XmlError } from "./xml_entity.ts";
import { XmlTag } from "./xml_tag.ts";

/** What is called as the part is read. Names are without their prefix. */
export interface XmlEvents {
  open(name: string, tag: XmlTag): void;
  /** A piece of text in UTF-8, with its entities resolved. */
  text(bytes: Uint8Array, from: number, to: number): void;
  close(name: string): void;
  /**
   * May take whole elements from `i`, where one begins, on its own: returns the index after them.
   * What it takes has to be well-formed.
   */
  takePlain?(bytes: Uint8Array, i: number): number;
  /** Nothing more is wanted. */
  readonly isDone?: boolean;
  /** What was read has to be taken away before there is more. */
  readonly isFull?: boolean;
}

/** The longest tag, comment or entity. Those of real workbooks have some hundred bytes. */
const MAX_TOKEN_BYTES = 1024 * 1024;
const MAX_DEPTH = 256;
const EMPTY = new Uint8Array();

const LT = 0x3c, GT = 0x3e, SLASH = 0x2f, BANG = 0x21, QUESTION = 0x3f, AMPERSAND = 0x26;
const SEMICOLON = 0x3b;
/** The longest entity, `&#x10FFFF;`, with some leading zeros. */
const MAX_ENTITY_BYTES = 16;

/** Reads a whole part, in UTF-8, or as much of it as is wanted. Throws XmlError. */
export async function scanXml(
  chunks: AsyncIterable<Uint8Array>,
  events: XmlEvents,
): Promise<void> {
  const scanner = new XmlScanner(events);
  for await (const chunk of chunks) {
    scanner.push(chunk);
    if (events.isDone === true) return;
  }
  scanner.end();
}

export class XmlScanner {
  readonly #events: XmlEvents;
  readonly #tag = new XmlTag();
  /** The elements that are open. */
  readonly #open: string[] = [];
  #rest: Uint8Array = EMPTY;
  #hasRoot = false;

  constructor(events: XmlEvents) {
    this.#events = events;
  }

  /** Returns false if it has stopped because `events` are full; then call `goOn`. */
  push(chunk: Uint8Array): boolean {
    const bytes = this.#rest.length === 0 ? plain(chunk) : joined(this.#rest, chunk);
    const read = this.#read(bytes);
    this.#rest = read === bytes.length ? EMPTY : bytes.slice(read);
    if (this.#events.isFull === true && read < bytes.length) return false;
    if (this.#rest.length > MAX_TOKEN_BYTES) throw new XmlError("a tag is longer than 1 MB");
    return true;
  }

  goOn(): boolean {
    return this.push(EMPTY);
  }

  end(): void {
    if (this.#rest.length > 0 || this.#open.length > 0 || !this.#hasRoot) {
      throw new XmlError("it ends in the middle");
    }
  }

  /** Returns the index of what can't be read without the next bytes. */
  #read(bytes: Uint8Array): number {
    const events = this.#events;
    const { length } = bytes;
    let i = 0;
    while (i < length) {
      if (events.isDone === true) return length;
      if (events.isFull === true) return i;
      if (bytes[i] !== LT) {
        let next = i;
        while (next < length && bytes[next] !== LT) next++;
        const read = this.#text(bytes, i, next, next < length);
        if (next === length) return read;
        i = next;
      }
      const taken = events.takePlain?.(bytes, i) ?? i;
      if (taken > i) {
        i = taken;
        continue;
      }
      const after = this.#markup(bytes, i);
      if (after === -1) return i;
      i = after;
    }
    return i;
  }

  /** Returns the index after the markup at `i`; -1 if it isn't complete. */
  #markup(bytes: Uint8Array, i: number): number {
    const second = bytes[i + 1];
    if (second === SLASH) return this.#closeTag(bytes, i);
    if (second === QUESTION) return this.#instruction(bytes, i);
    if (second !== BANG) return this.#openTag(bytes, i);
    if (bytes.length < i + 9) return -1;
    if (startsWith(bytes, i, "<!--")) return afterText(bytes, "-->", i + 4);
    if (startsWith(bytes, i, "<![CDATA[")) {
      const end = afterText(bytes, "]]>", i + 9);
      if (end !== -1) this.#events.text(bytes, i + 9, end - 3);
      return end;
    }
    throw new XmlError("it has a document type (DTD), which no workbook needs and which is unsafe");
  }

  /** Only the first says anything: the encoding. UTF-16 has been turned into UTF-8. */
  #instruction(bytes: Uint8Array, i: number): number {
    const end = afterText(bytes, "?>", i + 2);
    if (end === -1 || this.#hasRoot) return end;
    const text = Buffer.from(bytes.subarray(i, end)).toString("latin1");
    const encoding = /^<\?xml\s.*?\bencoding\s*=\s*["']([^"']*)/su.exec(text)?.[1] ?? "utf-8";
    if (/^(?:utf-?8|utf-?16(?:le|be)?|us-ascii)$/iu.test(encoding)) return end;
    throw new XmlError(`it is in ${encoding}, and only UTF-8 and UTF-16 are supported`);
  }

  #openTag(bytes: Uint8Array, i: number): number {
    const tag = this.#tag;
    const after = tag.read(bytes, i);
    if (after === -1) return -1;
    this.#hasRoot = true;
    this.#events.open(tag.name, tag);
    if (bytes[after - 2] === SLASH) {
      this.#events.close(tag.name);
      return after;
    }
    if (this.#open.push(tag.name) > MAX_DEPTH) throw new XmlError("its tags are nested too deep");
    return after;
  }

  #closeTag(bytes: Uint8Array, i: number): number {
    let end = i + 2;
    while (end < bytes.length && bytes[end] !== GT) end++;
    if (end === bytes.length) return -1;
    const name = this.#tag.nameAt(bytes, i + 2, end);
    if (this.#open.pop() !== name) throw new XmlError(`it has a </${name}> that closes nothing`);
    this.#events.close(name);
    return end + 1;
  }

  /** Returns the index of an entity that isn't complete, or `to`. */
  #text(bytes: Uint8Array, from: number, to: number, isWhole: boolean): number {
    let start = from;
    for (let i = from; i < to; i++) {
      if (bytes[i] !== AMPERSAND) continue;
      let stop = i + 1;
      while (stop < to && bytes[stop] !== SEMICOLON && stop - i < MAX_ENTITY_BYTES) stop++;
      if (stop === to && !isWhole) {
        if (i > start) this.#events.text(bytes, start, i);
        return i;
      }
      if (bytes[stop] !== SEMICOLON) throw new XmlError("it has an & that begins no entity");
      if (i > start) this.#events.text(bytes, start, i);
      const text = entityBytes(bytes, i + 1, stop);
      this.#events.text(text, 0, text.length);
      start = stop + 1;
      i = stop;
    }
    if (to > start) this.#events.text(bytes, start, to);
    return to;
  }
}

/** Not a Buffer, whose methods are slower. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function startsWith(bytes: Uint8Array, i: number, text: string): boolean {
  for (let k = 0; k < text.length; k++) if (bytes[i + k] !== text.charCodeAt(k)) return false;
  return true;
}

function afterText(bytes: Uint8Array, text: string, from: number): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(
    text,
    from,
    "latin1",
  );
  return at === -1 ? -1 : at + text.length;
}
