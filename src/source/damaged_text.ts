/** Shows bytes that are no text. */
import type { Defect, RecordCursor } from "./record.ts";
import { firstInvalidUtf8, sequenceLength } from "./encoding/utf8.ts";

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
    const length = lengthAt(around, i);
    shown += showPiece(around.subarray(i, i + length));
    i += length;
  }
  return shown;
}

/** How many bytes belong together: those of a character, of half a surrogate pair, or one. */
function lengthAt(bytes: Uint8Array, i: number): number {
  if (isHalf(bytes, i)) return 3;
  return bytes[i] < 0x80 ? 1 : Math.max(1, sequenceLength(bytes, i, bytes.length));
}

function showPiece(bytes: Uint8Array): string {
  if (isHalf(bytes, 0)) {
    return `\\u${(0xd000 | (bytes[1] & 0x3f) << 6 | bytes[2] & 0x3f).toString(16)}`;
  }
  const [byte] = bytes;
  const isText = bytes.length > 1 || (byte > 0 && byte < 0x80);
  return isText ? decoder.decode(bytes) : `\\x${byte.toString(16).padStart(2, "0")}`;
}

/** Half of a surrogate pair, as a transcoder writes it. */
function isHalf(bytes: Uint8Array, i: number): boolean {
  return i + 2 < bytes.length && bytes[i] === 0xed && bytes[i + 1] >= 0xa0 &&
    bytes[i + 1] <= 0xbf && isContinuation(bytes[i + 2]);
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
