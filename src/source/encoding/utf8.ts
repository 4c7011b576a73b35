/**
 * Index of the first byte in [from, to) that is not part of a well-formed UTF-8 sequence, or -1.
 * Accepts exactly what Postgres does: no overlong forms, no surrogates, nothing above U+10FFFF.
 * Allocates nothing.
 */
export function firstInvalidUtf8(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to) {
    const lead = bytes[i];
    if (lead < 0x80) {
      i++;
      continue;
    }
    const length = sequenceLength(bytes, i, to);
    if (length === 0) return i;
    i += length;
  }
  return -1;
}

/** Length of the well-formed multi-byte sequence at `i`, or 0 if none ends before `to`. */
export function sequenceLength(bytes: Uint8Array, i: number, to: number): number {
  const lead = bytes[i];
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (i + length > to) return 0;
  const second = bytes[i + 1];
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = i + 2; k < i + length; k++) if ((bytes[k] & 0xc0) !== 0x80) return 0;
  return length;
}
