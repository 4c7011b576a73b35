/** Digits in ASCII. */

const ZERO: u8 = 48;

/** The digit at this place, or 10 and more if there is none. */
// @ts-ignore: decorator
@inline
export function digit(at: usize): u32 {
  return <u32> load<u8>(at) - ZERO;
}

/** The number that two digits make, or 100 and more. */
// @ts-ignore: decorator
@inline
export function twoDigits(at: usize): u32 {
  const tens = digit(at);
  const units = digit(at + 1);
  return tens > 9 || units > 9 ? 100 : tens * 10 + units;
}

/** There is something else than digits. */
export const NO_DIGITS: u64 = u64.MAX_VALUE;

/**
 * The number that 1 to 8 digits make, or NO_DIGITS. All at once, because the processor can't foresee
 * where a loop ends.
 */
// @ts-ignore: decorator
@inline
export function fewDigits(at: usize, count: usize): u64 {
  // The first digit is in the lowest byte. Those that are missing become zeros before it.
  let digits = (load<u64>(at) ^ 0x3030_3030_3030_3030) << ((8 - count) << 3);
  // Above 9, adding this sets a byte's highest bit.
  if (((digits | (digits + 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080) != 0) return NO_DIGITS;
  // Neighbours become numbers of two digits, then four, then eight.
  digits = (digits * (10 * 256 + 1)) >> 8;
  digits = ((digits & 0x00ff_00ff_00ff_00ff) * (100 * 65_536 + 1)) >> 16;
  return ((digits & 0x0000_ffff_0000_ffff) * (10_000 * 4_294_967_296 + 1)) >> 32;
}
