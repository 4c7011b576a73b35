/** Which keys were seen before, in memory that doesn't grow: never wrong about a key that was. */

/** 2^28 bits, 32 MB. At 10 million keys one in 3,000 new ones counts as seen; at 100 million, a third. */
const BITS_LOG2 = 28;
/** Best for about 50 million keys in that size; below that, more would change little. */
const PROBES = 4;

export class BloomFilter {
  readonly #words: Uint32Array;
  readonly #mask: number;

  constructor(bitsLog2: number = BITS_LOG2) {
    this.#words = new Uint32Array(2 ** (bitsLog2 - 5));
    this.#mask = 2 ** bitsLog2 - 1;
  }

  /** Adds the key of two independent hashes; true if it was there (or seems so). */
  add(first: number, second: number): boolean {
    const words = this.#words;
    const mask = this.#mask;
    // Double hashing (Kirsch and Mitzenmacher); an odd step never repeats a place.
    const step = second | 1;
    let seen = true;
    for (let probe = 0, at = first; probe < PROBES; probe++, at = (at + step) | 0) {
      const bit = at & mask;
      const word = bit >>> 5;
      const flag = 1 << (bit & 31);
      if ((words[word] & flag) === 0) {
        seen = false;
        words[word] |= flag;
      }
    }
    return seen;
  }
}
