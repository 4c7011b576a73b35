/** The order that rows with common keys need, as levels that can each be applied as one set. */
import type { KeyHashes } from "./key_hasher.ts";

/**
 * Gives each row, in file order, a level higher than that of every earlier row with which it
 * shares a key. Rows of one level share none.
 */
export class LevelAssigner {
  readonly #lastLevel = new Map<string, number>();
  #highest = 0;

  assign(hashes: KeyHashes): number {
    let level = hashes.ambiguous ? this.#highest + 1 : 0;
    const keys: string[] = [];
    for (let index = 0; index < hashes.count; index++) {
      if (hashes.present[index] === 0) continue;
      const key = `${index} ${hashes.first[index]} ${hashes.second[index]}`;
      keys.push(key);
      level = Math.max(level, (this.#lastLevel.get(key) ?? -1) + 1);
    }
    for (const key of keys) this.#lastLevel.set(key, level);
    this.#highest = Math.max(this.#highest, level);
    return level;
  }

  /** Do all rows so far share no key? */
  get flat(): boolean {
    return this.#highest === 0;
  }
}
