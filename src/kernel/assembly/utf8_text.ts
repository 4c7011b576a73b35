/** Reads and writes single characters of up to three bytes: those of Unicode's first plane. */

/** The length of the character that begins with this byte; 4 if it isn't in the first plane. */
// @ts-ignore: decorator
@inline
export function lengthOf(first: u8): usize {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** The character's number. `length`: 1 to 3. */
// @ts-ignore: decorator
@inline
export function characterAt(at: usize, length: usize): u32 {
  const first: u32 = load<u8>(at);
  if (length == 1) return first;
  const second: u32 = load<u8>(at + 1) & 0x3f;
  if (length == 2) return ((first & 0x1f) << 6) | second;
  return ((first & 0x0f) << 12) | (second << 6) | (load<u8>(at + 2) & 0x3f);
}

/** Writes a character of the first plane, and returns the place behind it. */
// @ts-ignore: decorator
@inline
export function putCharacter(character: u32, at: usize): usize {
  if (character < 0x80) {
    store<u8>(at, <u8> character);
    return at + 1;
  }
  if (character < 0x800) {
    store<u8>(at, <u8> (0xc0 | (character >> 6)));
    store<u8>(at + 1, <u8> (0x80 | (character & 0x3f)));
    return at + 2;
  }
  store<u8>(at, <u8> (0xe0 | (character >> 12)));
  store<u8>(at + 1, <u8> (0x80 | ((character >> 6) & 0x3f)));
  store<u8>(at + 2, <u8> (0x80 | (character & 0x3f)));
  return at + 3;
}
