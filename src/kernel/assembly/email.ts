/** The same rules as in row/types/email.ts, for ASCII. */
import { among } from "./vectors";

const AT: u8 = 64, DOT: u8 = 46, HYPHEN: u8 = 45;
/** In bytes, from RFC 5321. */
const MAX_ADDRESS: usize = 254, MAX_LOCAL: usize = 64, MAX_LABEL: usize = 63;

/**
 * For each ASCII character, sixteen in a line: 1 if a local part may contain it without quotes (RFC
 * 5322 atext, without the dot), 2 if a label of the domain may (letters, digits, hyphens), 3 if
 * both may.
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
  const length = end - start;
  if (length < 64) {
    const verdict = judgePlain(start, length);
    if (verdict != ODD) return verdict == GOOD;
  }
  return isAddress(start, end);
}

const BAD: i32 = 0, GOOD: i32 = 1;
/** The text has characters other than letters, digits and `.-_+@`. */
const ODD: i32 = 2;

/**
 * Judges an address of less than 64 characters as the bits of numbers, one bit for each character.
 * A million addresses take 0.02 s, where a loop over the bytes takes 0.06 s.
 */
function judgePlain(start: usize, length: usize): i32 {
  let letters: u64 = 0, digits: u64 = 0, hyphens: u64 = 0, dots: u64 = 0, ats: u64 = 0;
  let others: u64 = 0;
  for (let i: usize = 0; i < length; i += 16) {
    const vector = v128.load(start + i);
    const lower = v128.or(vector, i8x16.splat(32));
    letters |= <u64> i8x16.bitmask(among(lower, 97, 26)) << i;
    digits |= <u64> i8x16.bitmask(among(vector, 48, 10)) << i;
    hyphens |= <u64> i8x16.bitmask(i8x16.eq(vector, i8x16.splat(<i8> HYPHEN))) << i;
    dots |= <u64> i8x16.bitmask(i8x16.eq(vector, i8x16.splat(<i8> DOT))) << i;
    ats |= <u64> i8x16.bitmask(i8x16.eq(vector, i8x16.splat(<i8> AT))) << i;
    others |= <u64> i8x16.bitmask(
      v128.or(i8x16.eq(vector, i8x16.splat(95)), i8x16.eq(vector, i8x16.splat(43))),
    ) << i;
  }
  const end = <u64> 1 << length;
  const all = end - 1;
  if (((letters | digits | hyphens | dots | ats | others) & all) != all) return ODD;
  ats &= all;
  dots &= all;
  if (popcnt(ats) != 1) return BAD;
  const local = ats - 1;
  const domain = all & ~local & ~ats;
  // The local part: dots are single, and neither first nor last.
  if (local == 0 || (dots & ((dots << 1) | 1 | (ats >> 1)) & local) != 0) return BAD;
  // The domain's labels lie between the `@`, the dots and the end. Each is not empty, and neither
  // begins nor ends with a hyphen.
  const domainDots = dots & domain;
  if (domainDots == 0 || (others & domain) != 0) return BAD;
  const edges = ats | domainDots | end;
  if ((edges << 1 & (edges | hyphens)) != 0 || (edges >> 1 & hyphens & domain) != 0) return BAD;
  // The last label decides: `1.2.3.4` is not a domain.
  const last = domain & ~((<u64> 2 << (63 - clz(domainDots))) - 1);
  return popcnt(last) > 1 && (letters & last) != 0 ? GOOD : BAD;
}

/** Judges any address, one byte after the other. */
function isAddress(start: usize, end: usize): bool {
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
    // The last label decides: `1.2.3.4` is not a domain.
    if (i == end) return labels > 1 && letters && length > 1;
    letters = false;
    labelStart = i + 1;
  }
  return false;
}

/** The place of the `@` after a well-formed local part, or 0. */
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
