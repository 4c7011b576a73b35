/**
 * Is a text a URL, as in row/types/text.ts? Takes http and https, a host's plain name, a port, and
 * whatever follows, in ASCII. The caller parses all others: addresses, names outside ASCII (`xn--`).
 */
const HYPHEN: u8 = 45, DOT: u8 = 46, SLASH: u8 = 47, COLON: u8 = 58, QUESTION: u8 = 63, HASH: u8 = 35;
const BACKSLASH: u8 = 92, LOWER: u8 = 32, LETTER_S: u8 = 115;
/** `http` in lower case, read as one number. */
const HTTP: u32 = 0x70747468, ALL_LOWER: u32 = 0x20202020;
/** Ports of more digits may be too large. */
const PORT_DIGITS: usize = 4;

export function isUrl(start: usize, end: usize): bool {
  if (end - start < 9 || (load<u32>(start) | ALL_LOWER) != HTTP) return false;
  let i = start + 4;
  if ((load<u8>(i) | LOWER) == LETTER_S) i++;
  if (load<u8>(i) != COLON || load<u16>(i + 1) != 0x2f2f) return false;
  i = hostEnd(i + 3, end);
  if (i == 0) return false;
  if (i < end && load<u8>(i) == COLON) {
    const port = ++i;
    while (i < end && <u8> (load<u8>(i) - 48) < 10) i++;
    if (i == port || i - port > PORT_DIGITS) return false;
  }
  if (i == end) return true;
  const first = load<u8>(i);
  if (first != SLASH && first != QUESTION && first != HASH) return false;
  for (; i < end; i++) {
    const byte = load<u8>(i);
    if (<u8> (byte - 33) > 93 || byte == BACKSLASH) return false;
  }
  return true;
}

/** Where labels of letters, digits and inner hyphens end; 0 if the host isn't made of them. */
function hostEnd(start: usize, end: usize): usize {
  let label = start;
  let i = start;
  for (; i < end; i++) {
    const byte = load<u8>(i);
    if (<u8> ((byte | LOWER) - 97) < 26 || <u8> (byte - 48) < 10) continue;
    if (byte == HYPHEN) {
      // Hyphens side by side may announce an encoded name.
      if (i == label || load<u8>(i - 1) == HYPHEN) return 0;
      continue;
    }
    if (byte != DOT) break;
    if (i == label || load<u8>(i - 1) == HYPHEN) return 0;
    label = i + 1;
  }
  // A last label that begins with a digit makes the host an address.
  if (i == label || load<u8>(i - 1) == HYPHEN || <u8> (load<u8>(label) - 48) < 10) return 0;
  return i;
}
