/** Characters that XML writes as entities. No others exist: a part that defines its own is refused. */
import { Buffer } from "node:buffer";
import { SourceError } from "../error.ts";

/** The part can't be read. The message is a reason, such as "it ends in the middle". */
export class XmlError extends SourceError {}

const HASH = 0x23;

const encoder = new TextEncoder();
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** What an entity stands for, without its `&` and `;`. Throws XmlError. */
export function entityText(name: string): string {
  if (name.charCodeAt(0) !== HASH) {
    if (Object.hasOwn(NAMED, name)) return NAMED[name];
    throw new XmlError(`it has the entity &${name.slice(0, 40)}; which XML doesn't know`);
  }
  const hex = /^#x([0-9a-f]{1,12})$/iu.exec(name);
  const decimal = /^#([0-9]{1,12})$/u.exec(name);
  const code = hex === null ? Number(decimal?.[1] ?? NaN) : parseInt(hex[1], 16);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  if (!isCharacter) throw new XmlError(`it has &${name}; which is no character`);
  return String.fromCodePoint(code);
}

/** The same in UTF-8, of the bytes between `&` and `;`. */
export function entityBytes(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return encoder.encode(entityText(Buffer.from(bytes.subarray(from, to)).toString("latin1")));
}
