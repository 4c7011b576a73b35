/** Finds where the keys that rows repeat stand first in the file, for messages. */
import type { HashedRows } from "./hashed_rows.ts";
import type { KeyHasher } from "./hasher.ts";

/** A row with a key that was seen before. */
export interface Repeated {
  readonly row: number;
  readonly key: number;
  /** What the filter saw, … */
  readonly coarse: number;
  /** … and what only equal values have in common. */
  readonly hash: string;
}

/** Sees all records once more, in order. */
export class DuplicateSearch {
  readonly #hasher: KeyHasher;
  readonly #repeated: readonly Repeated[];
  readonly #first = new Map<string, number>();
  readonly #wanted: Set<string>;
  readonly #candidates: ReadonlySet<number>;

  constructor(hasher: KeyHasher, repeated: readonly Repeated[]) {
    this.#hasher = hasher;
    this.#repeated = repeated;
    this.#wanted = new Set(repeated.map((each) => each.hash));
    this.#candidates = new Set(repeated.map((each) => each.coarse));
  }

  get done(): boolean {
    return this.#wanted.size === 0;
  }

  /** `row`: the number of this row among the hashed ones. */
  look(rows: HashedRows, row: number): void {
    const { words, present } = rows.hashes;
    const { keyCount } = this.#hasher;
    for (let key = 0, at = row * keyCount; key < keyCount; key++, at++) {
      // The exact hash is made from strings: for a million rows, seconds.
      if (present[at] === 0 || !this.#candidates.has(words[2 * at])) continue;
      const found = rows.record(row);
      const hash = this.#hasher.exactHash(found, key);
      if (hash !== null && this.#wanted.delete(hash)) this.#first.set(hash, found.row);
    }
  }

  /** Rows for which an earlier row was found (a filter's false alarm finds only itself). */
  get found(): { rowNumber: number; duplicateOf: number; key: readonly string[] }[] {
    return this.#repeated.flatMap(({ row, key, hash }) => {
      const duplicateOf = this.#first.get(hash);
      if (duplicateOf === undefined || duplicateOf >= row) return [];
      return [{ rowNumber: row, duplicateOf, key: this.#hasher.names(key) }];
    });
  }
}
