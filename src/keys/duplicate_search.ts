/** Finds the first row with each repeated key, for messages. */
import type { HashedRows } from "./hashed_rows.ts";
import type { KeyHasher } from "./hasher.ts";

/** A row with a key that was seen before. */
export interface Repeated {
  readonly row: number;
  readonly key: number;
  /** The coarse hash that the filter saw. */
  readonly coarse: number;
  /** The exact hash, which only equal values share. */
  readonly hash: string;
}

/** Must be given all rows again, in order. */
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
      // The exact hash is made from strings, which takes seconds for a million rows.
      if (present[at] === 0 || !this.#candidates.has(words[2 * at])) continue;
      const found = rows.record(row);
      const hash = this.#hasher.exactHash(found, key);
      if (hash !== null && this.#wanted.delete(hash)) this.#first.set(hash, found.row);
    }
  }

  /** The rows for which an earlier row was found. A false alarm of the filter finds only itself. */
  get found(): { rowNumber: number; duplicateOf: number; key: readonly string[] }[] {
    return this.#repeated.flatMap(({ row, key, hash }) => {
      const duplicateOf = this.#first.get(hash);
      if (duplicateOf === undefined || duplicateOf >= row) return [];
      return [{ rowNumber: row, duplicateOf, key: this.#hasher.names(key) }];
    });
  }
}
