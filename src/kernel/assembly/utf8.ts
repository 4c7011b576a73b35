import { VECTOR, within } from "./vectors";

/** The same as in source/encoding/utf8.ts: accepts exactly what Postgres does. */
export function isUtf8(from: usize, to: usize): bool {
  let i = from;
  while (i < to) {
    const wide = i8x16.bitmask(v128.load(i)) & within(i, to);
    if (wide == 0) {
      i += VECTOR;
      continue;
    }
    i += ctz(wide);
    const length = lengthOfCharacter(i, to);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

/** How many bytes the character at `i` has, which isn't ASCII; 0 if it is not whole before `to`. */
export function lengthOfCharacter(i: usize, to: usize): usize {
  const lead = load<u8>(i);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length: usize = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (i + length > to) return 0;
  const second = load<u8>(i + 1);
  const low: u8 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const high: u8 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = i + 2; k < i + length; k++) if ((load<u8>(k) & 0xc0) != 0x80) return 0;
  return length;
}
