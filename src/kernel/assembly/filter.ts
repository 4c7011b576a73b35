/**
 * The Bloom filter of ../../keys/bloom.ts. A key sets one bit in each of the eight words of a
 * block, all of them at once (the split block filter of Impala and Parquet). A block is half a line
 * of the processor's cache. Many keys are added in one call, so that the processor waits for
 * many blocks at once. Two keys for each of a million rows take 0.06 s, or 0.09 s if their blocks are
 * not read ahead. Setting the bits one by one in such blocks takes 0.13 s, and bits all over the
 * filter, one key after the other, 0.5 s.
 */
import { Size } from "./memory";

const BLOCK_BYTES_LOG2: u32 = ctz(<u32> Size.filterBlock);
/** The bits left after five, which choose one of a word's 32 bits. */
const REST_BITS: i32 = 27;
/** The layout of a 32-bit float. */
const F32_BIAS: i32 = 127;
const F32_FRACTION_BITS: i32 = 23;

/** The place of the blocks; there are 2^`blocksLog2` of them. */
let filter: usize = 0;
let blocksLog2: u32 = 0;

/** Begins a filter of 2^`bitsLog2` bits in blocks (at least two), in which all bits are 0. */
export function setFilter(blocks: usize, bitsLog2: u32): void {
  filter = blocks;
  blocksLog2 = bitsLog2 - 3 - BLOCK_BYTES_LOG2;
}

/**
 * Adds those of the keys with these hashes (u64 each) that are `present` (u8 each). Afterwards,
 * `present` is 1 for each key that was, or seems to have been, in the filter before. Returns how
 * many there were.
 */
export function addKeys(hashes: usize, present: usize, keyCount: u32): u32 {
  let seen: u32 = 0;
  for (let key: u32 = 0; key < keyCount; key++) {
    if (key % AHEAD == 0) touchBlocks(hashes + (key << 3), min(AHEAD, keyCount - key));
    if (load<u8>(present + key) == 0) continue;
    const hash = load<u64>(hashes + (key << 3));
    const block = blockOf(hash);
    const lower = lowerBits(hash);
    const upper = upperBits(hash);
    const before = v128.load(block);
    const behind = v128.load(block, 16);
    v128.store(block, v128.or(before, lower));
    v128.store(block, v128.or(behind, upper), 16);
    // No branch, so the processor continues with the next key while it waits for this one's block.
    const isThere = <u32> isIn(before, behind, lower, upper);
    store<u8>(present + key, <u8> isThere);
    seen += isThere;
  }
  return seen;
}

/** How many blocks are waited for at once. */
const AHEAD: u32 = 32;
/** What is read for nothing goes here: otherwise the compiler leaves the reading out. */
const nowhere = memory.data(4);

/** Reads from the keys' blocks, one after the other: so short a loop waits for many at once. */
function touchBlocks(hashes: usize, keyCount: u32): void {
  let sum: u32 = 0;
  for (let key: u32 = 0; key < keyCount; key++) {
    sum += load<u32>(blockOf(load<u64>(hashes + (key << 3))));
  }
  store<u32>(nowhere, sum);
}

/** Is the key with the hash (u64) at `place` in the filter, or does it seem to be? */
export function hasKey(place: usize): bool {
  const hash = load<u64>(place);
  const block = blockOf(hash);
  return isIn(v128.load(block), v128.load(block, 16), lowerBits(hash), upperBits(hash));
}

// @ts-ignore: decorator
@inline
function isIn(before: v128, behind: v128, lower: v128, upper: v128): bool {
  return !v128.any_true(v128.or(v128.andnot(lower, before), v128.andnot(upper, behind)));
}

// @ts-ignore: decorator
@inline
function blockOf(hash: u64): usize {
  return filter + (<usize> (hash >> (64 - blocksLog2)) << BLOCK_BYTES_LOG2);
}

// Odd numbers, the same as in Parquet.

// @ts-ignore: decorator
@inline
function lowerBits(hash: u64): v128 {
  return bitsOf(hash, i32x4(0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d));
}

// @ts-ignore: decorator
@inline
function upperBits(hash: u64): v128 {
  return bitsOf(hash, i32x4(0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31));
}

/**
 * A bit for each of four words, chosen by the lower half of the hash. A vector can only be shifted
 * by the same number in all lanes, so 2^n is made as a float with n in its exponent.
 */
// @ts-ignore: decorator
@inline
function bitsOf(hash: u64, factors: v128): v128 {
  const bit = i32x4.shr_u(i32x4.mul(i32x4.splat(<i32> hash), factors), REST_BITS);
  return i32x4.trunc_sat_f32x4_u(
    i32x4.shl(i32x4.add(bit, i32x4.splat(F32_BIAS)), F32_FRACTION_BITS),
  );
}
