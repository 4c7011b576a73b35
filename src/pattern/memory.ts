/** Which decisions of a program have failed at which positions of a text. One bit each. */
export class Memory {
  readonly #bits: Uint32Array;

  constructor(readonly decisions: number, readonly positions: number) {
    this.#bits = new Uint32Array((decisions * positions >> 5) + 1);
  }

  /** Notes that the decision fails at the position. True if that was noted before. */
  knows(decision: number, position: number): boolean {
    const bit = decision * this.positions + position;
    const mask = 1 << (bit & 31);
    if ((this.#bits[bit >>> 5] & mask) !== 0) return true;
    this.#bits[bit >>> 5] |= mask;
    return false;
  }

  /** What led to a match has not failed. The next match begins where that one ends, or later. */
  forget(position: number): void {
    for (let decision = 0; decision < this.decisions; decision++) {
      const bit = decision * this.positions + position;
      this.#bits[bit >>> 5] &= ~(1 << (bit & 31));
    }
  }
}
