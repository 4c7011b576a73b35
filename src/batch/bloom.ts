/** Which keys were seen before, in memory that doesn't grow: never wrong about a key that was. */

/** 2^28 bits, 32 MB. */
const BITS_LOG2 = 28;
/**
 * Of 2 million keys about 0.01 count as seen by mistake, of 20 million one in 450, of 100 million
 * half. With 4, a plain million of rows with two keys would nearly always have one such row, which
 * costs a phase and a search of its own; with 8, files of 50 million keys would suffer.
 */
const PROBES = 6;

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

  /** Is the key there (or seems so)? */
  has(first: number, second: number): boolean {
    const words = this.#words;
    const step = second | 1;
    for (let probe = 0, at = first; probe < PROBES; probe++, at = (at + step) | 0) {
      const bit = at & this.#mask;
      if ((words[bit >>> 5] & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}
