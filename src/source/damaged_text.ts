/** Shows bytes that are no text. */
import type { Defect, RecordCursor } from "./record.ts";
import { firstInvalidUtf8, sequenceLength } from "./utf8.ts";

/** How many bytes are shown on either side of the first damaged one. */
const AROUND = 60;

/**
 * The text around the first byte from `start` to `end` that is a NUL or not valid UTF-8, with such
 * bytes written as in `M\xfcller`; null if there is none.
 */
export function damagedText(bytes: Uint8Array, start: number, end: number): string | null {
  const nul = firstNul(bytes, start, end);
  const invalid = firstInvalidUtf8(bytes, start, nul === -1 ? end : nul);
  const first = invalid === -1 ? nul : invalid;
  if (first === -1) return null;
  let from = Math.max(start, first - AROUND);
  while (isContinuation(bytes[from]) && from < first) from++;
  let to = Math.min(end, first + AROUND);
  while (to < end && to < first + AROUND + 3 && isContinuation(bytes[to])) to++;
  const around = Uint8Array.from({ length: to - from }, (_, i) => bytes[from + i]);
  let shown = "";
  for (let i = 0; i < around.length;) {
    const byte = around[i];
    const length = byte < 0x80 ? 1 : sequenceLength(around, i, around.length);
    const isText = length > 0 && byte !== 0;
    shown += isText
      ? decoder.decode(around.subarray(i, i + length))
      : `\\x${byte.toString(16).padStart(2, "0")}`;
    i += Math.max(1, length);
  }
  return shown;
}

function firstNul(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) if (bytes[i] === 0) return i;
  return -1;
}

/** The defect with the first of the record's texts that is damaged. */
export function withDamage(
  defect: Defect,
  { bytes, fieldCount, fieldStart, fieldEnd }: RecordCursor,
): Defect {
  const known = Math.min(fieldCount, fieldStart.length);
  for (let field = 0; field < known; field++) {
    const value = damagedText(bytes, fieldStart[field], fieldEnd[field]);
    if (value !== null) return { ...defect, value };
  }
  return defect;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
