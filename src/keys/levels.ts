/** The order that rows with common keys need, as levels that can each be applied as one set. */

/**
 * Gives each row, in file order, a level higher than that of every earlier row with which it
 * shares a key. Rows of one level share none.
 */
export class LevelAssigner {
  readonly #last = new Map<string, { readonly row: number; readonly level: number }>();
  readonly #after = new Map<number, readonly number[]>();
  #highest = 0;

  /**
   * `keys`: the row's, as texts. `ambiguous`: it may have keys in common with any earlier row.
   * Rows are numbered in the order of the calls.
   */
  assign(row: number, keys: readonly string[], ambiguous: boolean): number {
    let level = ambiguous ? this.#highest + 1 : 0;
    const after = new Set<number>(ambiguous && row > 0 ? [row - 1] : []);
    for (const key of keys) {
      const last = this.#last.get(key);
      if (last === undefined) continue;
      level = Math.max(level, last.level + 1);
      after.add(last.row);
    }
    for (const key of keys) this.#last.set(key, { row, level });
    if (after.size > 0) this.#after.set(row, [...after]);
    this.#highest = Math.max(this.#highest, level);
    return level;
  }

  /** Do all rows so far share no key? */
  get flat(): boolean {
    return this.#highest === 0;
  }

  /** For rows that share keys with earlier ones: the last of these. */
  get after(): ReadonlyMap<number, readonly number[]> {
    return this.#after;
  }
}
