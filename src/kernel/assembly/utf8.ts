/** The same as in source/utf8.ts: accepts exactly what Postgres does. */
export function isUtf8(from: usize, to: usize): bool {
  let i = from;
  while (i < to) {
    const lead = load<u8>(i);
    if (lead < 0x80) {
      i++;
      continue;
    }
    if (lead < 0xc2 || lead > 0xf4) return false;
    const length: usize = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (i + length > to) return false;
    const second = load<u8>(i + 1);
    const low: u8 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const high: u8 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let k = i + 2; k < i + length; k++) if ((load<u8>(k) & 0xc0) != 0x80) return false;
    i += length;
  }
  return true;
}
