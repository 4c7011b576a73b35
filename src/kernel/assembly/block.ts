/**
 * A block of 64 bytes, as the reader sees it: one bit for each byte, the lowest for the first one.
 * Fields that lie in a block without anything odd are found by their ends alone.
 */
import { VECTOR } from "./vectors";

export const BLOCK: usize = 64;

/** Up to CR, control characters are odd: among them NUL and the other kind of line break. */
const PLAIN: i8 = 14;

/** Where the next record begins in the block that was read last; 0 if there is none. */
export let blockAt: usize = 0;
/** The block's place, and its bits without those of the bytes before that record. */
export let blockStart: usize = 0;
export let blockDelimiters: u64 = 0;
export let blockNewlines: u64 = 0;
export let blockOdd: u64 = 0;

/** Short records share a block, so its bits are kept from one record to the next. */
export function keepBlock(at: usize, start: usize, delimiters: u64, newlines: u64, odd: u64): void {
  blockAt = at;
  blockStart = start;
  blockDelimiters = delimiters;
  blockNewlines = newlines;
  blockOdd = odd;
}

/** The bytes, or where they end, may be others now. */
export function forgetBlock(): void {
  blockAt = 0;
}

/** The bytes of the block at `from` that are the same as those of `wanted`. */
// @ts-ignore: decorator
@inline
export function same(from: usize, wanted: v128): u64 {
  return bits(
    i8x16.eq(v128.load(from), wanted),
    i8x16.eq(v128.load(from, VECTOR), wanted),
    i8x16.eq(v128.load(from, 2 * VECTOR), wanted),
    i8x16.eq(v128.load(from, 3 * VECTOR), wanted),
  );
}

/** Quotes, bytes that aren't ASCII, and control characters, as which newlines count too. */
// @ts-ignore: decorator
@inline
export function oddIn(from: usize, quotes: v128): u64 {
  return bits(
    oddOf(v128.load(from), quotes),
    oddOf(v128.load(from, VECTOR), quotes),
    oddOf(v128.load(from, 2 * VECTOR), quotes),
    oddOf(v128.load(from, 3 * VECTOR), quotes),
  );
}

// @ts-ignore: decorator
@inline
function oddOf(vector: v128, quotes: v128): v128 {
  // Bytes that aren't ASCII are negative.
  return v128.or(i8x16.lt_s(vector, i8x16.splat(PLAIN)), i8x16.eq(vector, quotes));
}

/** A bit for each byte of four vectors. */
// @ts-ignore: decorator
@inline
function bits(first: v128, second: v128, third: v128, fourth: v128): u64 {
  return <u64> (<u32> i8x16.bitmask(first) | (<u32> i8x16.bitmask(second) << 16)) |
    <u64> (<u32> i8x16.bitmask(third) | (<u32> i8x16.bitmask(fourth) << 16)) << 32;
}

/** The bits of the block at `from` that lie before `end`. */
// @ts-ignore: decorator
@inline
export function before(from: usize, end: usize): u64 {
  return from + BLOCK <= end ? -1 : ((<u64> 1) << (end - from)) - 1;
}

/** The bits below the lowest one; all of them if there is none. */
// @ts-ignore: decorator
@inline
export function belowLowest(bits: u64): u64 {
  return (bits - 1) & ~bits;
}
