/** 16 bytes at once. A comparison of them gives 16 bits, the lowest for the first byte. */
export const VECTOR: usize = 16;

/** The bits of the 16 bytes at `from`, as far as they lie before `end`. */
// @ts-ignore: decorator
@inline
export function within(from: usize, end: usize): i32 {
  return from + VECTOR <= end ? 0xffff : below(<i32> (end - from));
}

// @ts-ignore: decorator
@inline
export function below(bit: i32): i32 {
  return (1 << bit) - 1;
}

/** Is there such a byte in [from, to)? `wanted`: the byte, 16 times. */
export function hasByte(from: usize, to: usize, wanted: v128): bool {
  for (let i = from; i < to; i += VECTOR) {
    if ((i8x16.bitmask(i8x16.eq(v128.load(i), wanted)) & within(i, to)) != 0) return true;
  }
  return false;
}

export function isAscii(from: usize, to: usize): bool {
  for (let i = from; i < to; i += VECTOR) {
    if ((i8x16.bitmask(v128.load(i)) & within(i, to)) != 0) return false;
  }
  return true;
}

/** Which bytes are among these, `count` of them from `first` on? */
// @ts-ignore: decorator
@inline
export function among(vector: v128, first: i8, count: i8): v128 {
  return i8x16.lt_u(i8x16.sub(vector, i8x16.splat(first)), i8x16.splat(count));
}
