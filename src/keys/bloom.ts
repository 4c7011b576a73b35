/** A Bloom filter: remembers the keys that were seen, in bounded memory. */
import { SIZE } from "../kernel/contract.ts";
import { Kernel } from "../kernel/instance.ts";
import type { Hashes } from "../kernel/hashed_keys.ts";

/**
 * 2^28 bits, 32 MB. Each key sets eight bits, one in each word of a block. If l keys share a block,
 * a new key seems known with a probability of (1 - (31/32)^l)^8. Of 2 million keys, about 0.01
 * count as seen by mistake; of the last of 20 million, one in 320; of 100 million, two in three.
 * Such a row costs a phase and a search of its own, so an ordinary million rows should have none.
 */
const BITS_LOG2 = 28;
/** 8 kB. */
const LEAST_BITS_LOG2 = 16;
/**
 * A filter for the keys of a source has so many bits for each of them, as far as they can be
 * foreseen: two keys share a block, as in a filter of the full size for 2 million. To touch 32 MB for
 * the first time takes 20 to 40 ms, even if there are few keys.
 */
const BITS_PER_KEY = 128;
/** And at least so many for each byte, as later rows may be shorter than the first ones. */
const BITS_PER_BYTE = 2;

/**
 * The size of a filter for so many bytes of rows, the first of which have `keysPerByte` keys: see
 * `BloomFilter`.
 */
export function filterFor(bytes: number, keysPerByte: number): number {
  const bits = bytes * Math.max(BITS_PER_KEY * keysPerByte, BITS_PER_BYTE);
  const log2 = Math.ceil(Math.log2(Math.max(1, bits)));
  return Math.min(BITS_LOG2, Math.max(LEAST_BITS_LOG2, log2));
}

export class BloomFilter {
  readonly #kernel = new Kernel();
  /** After the filter: the keys that are being added. */
  readonly #keys: number;
  #capacity = 0;

  /** `bitsLog2`: at least 9, which makes two blocks. */
  constructor(bitsLog2: number = BITS_LOG2) {
    const place = this.#kernel.allocate(2 ** (bitsLog2 - 3) + SIZE.filterBlock);
    const blocks = Math.ceil(place / SIZE.filterBlock) * SIZE.filterBlock;
    this.#kernel.exports.setFilter(blocks, bitsLog2);
    this.#keys = this.#kernel.allocate(0);
  }

  /**
   * Adds keys. Returns 1 for each key that was, or seems to have been, in the filter before, and
   * null if none was. The result is valid until the next call.
   */
  add({ words, present }: Hashes): Uint8Array | null {
    const hashes = this.#put(words, present);
    const seen = hashes + words.byteLength;
    if (this.#kernel.exports.addKeys(hashes, seen, present.length) === 0) return null;
    return this.#kernel.bytes.subarray(seen, seen + present.length);
  }

  /** Is one of the keys in the filter, or does it seem to be? */
  hasAny({ words, present }: Hashes): boolean {
    const hashes = this.#put(words, present);
    return present.some((each, key) =>
      each !== 0 && this.#kernel.exports.hasKey(hashes + SIZE.hash * key) !== 0
    );
  }

  #put(words: Int32Array, present: Uint8Array): number {
    const place = this.#keys;
    if (present.length > this.#capacity) {
      this.#capacity = present.length;
      this.#kernel.release(place);
      this.#kernel.allocate((SIZE.hash + 1) * this.#capacity);
    }
    const { bytes } = this.#kernel;
    new Int32Array(bytes.buffer, place, words.length).set(words);
    bytes.set(present, place + words.byteLength);
    return place;
  }
}
