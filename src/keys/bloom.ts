/** A Bloom filter of fixed size: remembers the keys that were seen, in bounded memory. */
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
 * A filter for the keys of a source needs no more bits for each of its bytes: the shortest row with
 * a key has two bytes, so even there, a new key seems known with a probability of 4e-8. A large
 * memory that is hardly used still makes V8 collect garbage, which takes 20 ms.
 */
const BITS_PER_BYTE = 32;

/** The size of a filter for the keys of so many bytes of rows: see `BloomFilter`. */
export function filterFor(bytes: number): number {
  const bits = Math.ceil(Math.log2(Math.max(1, BITS_PER_BYTE * bytes)));
  return Math.min(BITS_LOG2, Math.max(LEAST_BITS_LOG2, bits));
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
