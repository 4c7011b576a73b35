/** A Bloom filter of fixed size: the keys that were seen, in bounded memory. */
import { SIZE } from "../kernel/contract.ts";
import { Kernel } from "../kernel/instance.ts";
import type { Hashes } from "../kernel/hashed_keys.ts";

/**
 * 2^28 bits, 32 MB, eight of them for each key, one in each word of a block. Where l keys have met in
 * a block, a new one seems known with a chance of (1 - (31/32)^l)^8: of 2 million keys about 0.01
 * count as seen by mistake, of the last of 20 million one in 320, of 100 million two in three. Such a
 * row costs a phase and a search of its own, so that a plain million of rows should have none.
 */
const BITS_LOG2 = 28;

export class BloomFilter {
  readonly #kernel = new Kernel();
  /** Behind the filter: keys on their way in. */
  readonly #keys: number;
  #capacity = 0;

  /** `bitsLog2`: from 9, two blocks. */
  constructor(bitsLog2: number = BITS_LOG2) {
    const place = this.#kernel.allocate(2 ** (bitsLog2 - 3) + SIZE.filterBlock);
    const blocks = Math.ceil(place / SIZE.filterBlock) * SIZE.filterBlock;
    this.#kernel.exports.setFilter(blocks, bitsLog2);
    this.#keys = this.#kernel.allocate(0);
  }

  /**
   * Adds keys; for each: was it there, or does it seem so (1)? The answer is valid until the next
   * call; null: none was.
   */
  add({ words, present }: Hashes): Uint8Array | null {
    const hashes = this.#put(words, present);
    const seen = hashes + words.byteLength;
    if (this.#kernel.exports.addKeys(hashes, seen, present.length) === 0) return null;
    return this.#kernel.bytes.subarray(seen, seen + present.length);
  }

  /** Is one of the keys there (or seems so)? */
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
