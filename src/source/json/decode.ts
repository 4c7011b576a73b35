/** Texts of JSON, decoded. */
import { Buffer } from "node:buffer";

/** What a text stands for. `text`: between its quotes, valid. */
export function unescaped(text: string): string {
  return JSON.parse(`"${text}"`);
}

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** A key, between its quotes. */
export function decodeKey(
  bytes: Uint8Array,
  from: number,
  to: number,
  isEscaped: boolean,
): string {
  const text = to - from < 40 ? shortText(bytes, from, to) : null;
  const key = text ?? lenient.decode(bytes.subarray(from, to));
  return isEscaped ? unescaped(key) : key;
}

/** Null if it isn't ASCII. */
function shortText(bytes: Uint8Array, from: number, to: number): string | null {
  let bits = 0;
  for (let i = from; i < to; i++) bits |= bytes[i];
  if (bits > 0x7f) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}

/** Why a valid text can't be text in Postgres: a NUL, or half of a surrogate pair. */
export function hasNoText(text: string): "nul" | "half" | null {
  if (!text.isWellFormed()) return "half";
  return text.includes("\0") ? "nul" : null;
}
