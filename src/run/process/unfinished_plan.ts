/** A run that is loaded as a whole is loaded while its last batches are still being planned. */

/** Milliseconds between two looks for more batches. The planner is usually the faster one. */
const PAUSE = 20;
/** Milliseconds without any planner after which nobody waits for one: a pause between two steps is short. */
const PATIENCE = 5_000;

export class UnfinishedPlan {
  readonly #now: () => number;
  #lastPlanner: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#lastPlanner = now();
  }

  /** `planner`: somebody is planning. False: nobody has been for long, so don't wait in a transaction. */
  async wait(planner: boolean): Promise<boolean> {
    const now = this.#now();
    if (planner) this.#lastPlanner = now;
    if (now - this.#lastPlanner > PATIENCE) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    return true;
  }
}
