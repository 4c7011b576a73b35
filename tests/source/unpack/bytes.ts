import { Buffer } from "node:buffer";
import { bytesOf } from "../records.ts";

export function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? bytesOf(content) : content;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

/** The lowest byte comes first. */
export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8 & 0xff);
}

export function uint32(value: number): Uint8Array {
  return joined(uint16(value & 0xffff), uint16(value >>> 16));
}
