/** Whoever shares something uses it in turns, in the order in which they ask. */
export class Turns {
  /** Resolves when the turns that were asked for so far are over. */
  #over: Promise<void> = Promise.resolve();

  /** Resolves when it is one's turn, which ends when the result is disposed of. */
  async enter(): Promise<Disposable> {
    const { turn, begins } = this.#ask();
    await begins;
    return turn;
  }

  /** The same, or null if the turn doesn't come within so many milliseconds. */
  async enterWithin(milliseconds: number): Promise<Disposable | null> {
    const { turn, begins } = this.#ask();
    const tooLate = Promise.withResolvers<null>();
    const timer = setTimeout(() => tooLate.resolve(null), milliseconds);
    const entered = await Promise.race([begins.then(() => turn), tooLate.promise]);
    clearTimeout(timer);
    // It passes when it comes.
    if (entered === null) turn[Symbol.dispose]();
    return entered;
  }

  #ask(): { readonly turn: Disposable; readonly begins: Promise<void> } {
    const begins = this.#over;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#over = begins.then(() => promise);
    return { turn: { [Symbol.dispose]: resolve }, begins };
  }
}
