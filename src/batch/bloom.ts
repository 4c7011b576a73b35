/** A Bloom filter of fixed size: the keys that were seen, in bounded memory. */
import { Kernel } from "../kernel/instance.ts";
import type { Hashes } from "../kernel/hashed_keys.ts";

/**
 * 2^28 bits, 32 MB, six of them for each key. Of 2 million keys about 0.03 count as seen by
 * mistake, of 20 million one in 370, of 100 million half. With four bits, a plain million of rows
 * with two keys would often have such a row, which costs a phase and a search of its own; with
 * eight, files of 50 million keys would suffer.
 */
const BITS_LOG2 = 28;
/** All bits of a key lie in one block of 512: see assembly/filter.ts. */
const BLOCK_BITS_LOG2 = 9;
const BLOCK_BYTES = 64;

export class BloomFilter {
  readonly #kernel = new Kernel();
  /** Behind the filter: keys on their way in. */
  readonly #keys: number;
  #capacity = 0;

  /** `bitsLog2`: from 10, two blocks. */
  constructor(bitsLog2: number = BITS_LOG2) {
    const { exports } = this.#kernel;
    const place = this.#kernel.allocate(2 ** (bitsLog2 - 3) + BLOCK_BYTES);
    exports.filter.value = Math.ceil(place / BLOCK_BYTES) * BLOCK_BYTES;
    exports.blocksLog2.value = bitsLog2 - BLOCK_BITS_LOG2;
    this.#keys = this.#kernel.allocate(0);
  }

  /**
   * Adds keys; for each: was it there, or does it seem so (1)? The answer is valid until the next
   * call.
   */
  add({ words, present }: Hashes): Uint8Array {
    const hashes = this.#put(words, present);
    const seen = hashes + words.byteLength;
    this.#kernel.exports.addKeys(hashes, seen, present.length);
    return this.#kernel.bytes.subarray(seen, seen + present.length);
  }

  /** Is one of the keys there (or seems so)? */
  hasAny({ words, present }: Hashes): boolean {
    const hashes = this.#put(words, present);
    return present.some((each, key) =>
      each !== 0 && this.#kernel.exports.hasKey(hashes + 8 * key) !== 0
    );
  }

  #put(words: Int32Array, present: Uint8Array): number {
    const place = this.#keys;
    if (present.length > this.#capacity) {
      this.#capacity = present.length;
      this.#kernel.release(place);
      this.#kernel.allocate(9 * this.#capacity);
    }
    const { bytes } = this.#kernel;
    new Int32Array(bytes.buffer, place, words.length).set(words);
    bytes.set(present, place + words.byteLength);
    return place;
  }
}
