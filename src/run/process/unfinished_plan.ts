/** A run that is loaded as a whole is loaded while its last batches are still being planned. */

/** Milliseconds between two looks for more batches. The planner is usually the faster one. */
const PAUSE = 20;
/**
 * So many looks in a row may find no planner, which takes five seconds: a pause between two steps is
 * short. They are counted, because a clock also goes on while this process, or the whole machine, stands
 * still: then nobody has planned, nor looked.
 */
const MOST_LOOKS = 250;

export class UnfinishedPlan {
  readonly #mostLooks: number;
  /** Since there was a planner, or a batch. */
  #looks = 0;

  constructor(mostLooks = MOST_LOOKS) {
    this.#mostLooks = mostLooks;
  }

  /** There is another batch. */
  goesOn(): void {
    this.#looks = 0;
  }

  /** `planner`: somebody is planning. False: nobody has been for long, so don't wait in a transaction. */
  async wait(planner: boolean): Promise<boolean> {
    this.#looks = planner ? 0 : this.#looks + 1;
    if (this.#looks > this.#mostLooks) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    return true;
  }
}
