/** What JavaScript takes as white space (`String.trim`, `\s`), in UTF-8. */

const SPACE: u8 = 32;

/** Is this ASCII byte white space? */
// @ts-ignore: decorator
@inline
export function isBlank(byte: u8): bool {
  return byte == SPACE || <u8> (byte - 9) < 5;
}

/** The length in bytes of the white space outside ASCII that begins at `at`; 0 if there is none. */
export function wideBlank(at: usize, end: usize): usize {
  const first = load<u8>(at);
  const second = load<u8>(at + 1);
  // A no-break space.
  if (first == 0xc2) return second == 0xa0 ? 2 : 0;
  if (end - at < 3) return 0;
  const third = load<u8>(at + 2);
  if (first == 0xe2) {
    const isBlank = second == 0x80
      ? third <= 0x8a || third == 0xa8 || third == 0xa9 || third == 0xaf
      : second == 0x81 && third == 0x9f;
    return isBlank ? 3 : 0;
  }
  const isBlank = (first == 0xe1 && second == 0x9a && third == 0x80) ||
    (first == 0xe3 && second == 0x80 && third == 0x80) ||
    (first == 0xef && second == 0xbb && third == 0xbf);
  return isBlank ? 3 : 0;
}

/** The first place from `from` on that is no white space; `to` if there is none. */
// @ts-ignore: decorator
@inline
export function afterBlanks(from: usize, to: usize): usize {
  while (from < to && isBlank(load<u8>(from))) from++;
  return from < to && load<u8>(from) > 127 ? afterWideBlanks(from, to) : from;
}

/** The end of what remains of [from, to) without white space at its end. */
// @ts-ignore: decorator
@inline
export function beforeBlanks(from: usize, to: usize): usize {
  while (to > from && isBlank(load<u8>(to - 1))) to--;
  return to > from && load<u8>(to - 1) > 127 ? beforeWideBlanks(from, to) : to;
}

function afterWideBlanks(from: usize, to: usize): usize {
  while (from < to) {
    const byte = load<u8>(from);
    const length = byte > 127 ? wideBlank(from, to) : isBlank(byte) ? 1 : 0;
    if (length == 0) return from;
    from += length;
  }
  return to;
}

function beforeWideBlanks(from: usize, to: usize): usize {
  while (from < to) {
    const length = load<u8>(to - 1) > 127
      ? to - from > 1 && wideBlank(to - 2, to) == 2
        ? 2
        : to - from > 2 && wideBlank(to - 3, to) == 3
        ? 3
        : 0
      : isBlank(load<u8>(to - 1))
      ? 1
      : 0;
    if (length == 0) return to;
    to -= length;
  }
  return from;
}
