/** The runs whose table somebody else has locked. The planner leaves them alone and plans others. */

/** How long to leave such a run alone, in milliseconds. */
const PAUSE = 1_000;
/** How long to wait for its lock the next times, in milliseconds. The first time: TABLE_PATIENCE. */
const NEXT_PATIENCE = 100;

export class LockedRuns {
  /** By run, the time until which it is left alone (as `performance.now()`). */
  readonly #until = new Map<number, number>();

  /** The run's table was locked. */
  note(run: number): void {
    this.#until.set(run, performance.now() + PAUSE);
  }

  /** The run's table is not locked. */
  clear(run: number): void {
    this.#until.delete(run);
  }

  /** The runs to leave alone at this moment. */
  list(): number[] {
    const now = performance.now();
    return [...this.#until].filter(([, until]) => until > now).map(([run]) => run);
  }

  /** How long to wait for the run's table. Undefined: as long as usual. */
  patience(run: number): number | undefined {
    return this.#until.has(run) ? NEXT_PATIENCE : undefined;
  }
}
