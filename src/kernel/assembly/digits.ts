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
