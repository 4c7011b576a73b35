/** The order of rows that share keys, as levels that can each be loaded as one set. */

/**
 * Gives each row, in file order, a higher level than every earlier row that it shares a key with.
 * Rows of one level share no key.
 */
export class LevelAssigner {
  readonly #last = new Map<string, { readonly row: number; readonly level: number }>();
  readonly #after = new Map<number, readonly number[]>();
  #highest = 0;

  /**
   * `keys`: the row's keys, as texts. `ambiguous`: it may share a key with any earlier row.
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

  /** True as long as no two rows share a key. */
  get flat(): boolean {
    return this.#highest === 0;
  }

  /** For each row that shares keys with earlier rows: the last earlier row for each key. */
  get after(): ReadonlyMap<number, readonly number[]> {
    return this.#after;
  }
}
