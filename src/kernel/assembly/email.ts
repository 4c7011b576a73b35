/** As in row/types/email.ts, for ASCII. */

const AT: u8 = 64, DOT: u8 = 46, HYPHEN: u8 = 45;
/** In bytes, from RFC 5321. */
const MAX_ADDRESS: usize = 254, MAX_LOCAL: usize = 64, MAX_LABEL: usize = 63;

/**
 * For each ASCII character, sixteen in a line: 1 if a local part may hold it without quotes (RFC
 * 5322 atext, without the dot), 2 if a label of the domain may (letters, digits, hyphens), 3: both.
 */
// deno-fmt-ignore
const ALLOWED = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 3, 0, 1,
  3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 1, 0, 1,
  0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
  3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 1, 1,
  1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
  3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 0,
]);

// @ts-ignore: decorator
@inline
function isAllowed(byte: u8, where: u8): bool {
  return (load<u8>(ALLOWED + byte) & where) != 0;
}

export function isEmail(start: usize, end: usize): bool {
  if (end - start > MAX_ADDRESS) return false;
  const domain = localEnd(start, end) + 1;
  if (domain == 1) return false;
  let labels = 0;
  let labelStart = domain;
  let letters = false;
  for (let i = domain; i <= end; i++) {
    const byte: u8 = i < end ? load<u8>(i) : DOT;
    if (byte != DOT) {
      if (!isAllowed(byte, 2)) return false;
      if (byte > 57) letters = true;
      continue;
    }
    const length = i - labelStart;
    if (length == 0 || length > MAX_LABEL) return false;
    if (load<u8>(labelStart) == HYPHEN || load<u8>(i - 1) == HYPHEN) return false;
    labels++;
    // The last label is what counts: `1.2.3.4` is no domain.
    if (i == end) return labels > 1 && letters && length > 1;
    letters = false;
    labelStart = i + 1;
  }
  return false;
}

/** Where the `@` after a well-formed local part stands, or 0. */
function localEnd(start: usize, end: usize): usize {
  let previous = DOT;
  for (let i = start; i < end; i++) {
    const byte = load<u8>(i);
    if (byte == AT) return previous == DOT || i - start > MAX_LOCAL ? 0 : i;
    if (byte == DOT) {
      if (previous == DOT) return 0;
    } else if (!isAllowed(byte, 1)) {
      return 0;
    }
    previous = byte;
  }
  return 0;
}
