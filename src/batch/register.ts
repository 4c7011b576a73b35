/** The keys that the planner has seen, and which rows repeated one. */
import type { RecordCursor } from "../source/record.ts";
import { BloomFilter } from "./bloom.ts";
import { EarlierRows } from "./earlier_rows.ts";
import type { KeyHasher } from "./key_hasher.ts";

/** So many repeated rows are told which row came first; the others only that one did. */
const MAX_NAMED_DUPLICATES = 10_000;

interface Repeated {
  readonly row: number;
  readonly key: number;
  /** What the filter saw, … */
  readonly coarse: number;
  /** … and what only equal values have in common. */
  readonly hash: string;
}

export class KeyRegister {
  readonly #hasher: KeyHasher;
  readonly #filter = new BloomFilter();
  readonly #namesDuplicates: boolean;
  readonly #findsEarlier: boolean;
  readonly #repeated: Repeated[] = [];
  #earlier: EarlierRows | null = null;

  /**
   * @param namesDuplicates Rows that fail as duplicates say which row came first.
   * @param findsEarlier The rows that those which wait depend on are wanted, too: see EarlierRows.
   */
  constructor(hasher: KeyHasher, namesDuplicates: boolean, findsEarlier = false) {
    this.#hasher = hasher;
    this.#namesDuplicates = namesDuplicates;
    this.#findsEarlier = findsEarlier;
  }

  /** Notes the record's keys; true if one of them was (or seems to have been) seen before. */
  add(record: RecordCursor): boolean {
    const hashes = this.#hasher.hash(record);
    let seen = hashes.ambiguous;
    for (let key = 0; key < hashes.count; key++) {
      if (hashes.present[key] === 0) continue;
      if (!this.#filter.add(hashes.first[key], hashes.second[key])) continue;
      if (this.#namesDuplicates && !seen && this.#repeated.length < MAX_NAMED_DUPLICATES) {
        const coarse = hashes.first[key];
        const hash = this.#hasher.exactHash(record, key);
        if (hash !== null) this.#repeated.push({ row: record.row, key, coarse, hash });
      }
      seen = true;
    }
    // Last: it overwrites the hashes.
    if (seen && this.#findsEarlier) {
      this.#earlier ??= new EarlierRows(this.#hasher);
      this.#earlier.note(record);
    }
    return seen;
  }

  /** Finds the first rows with the keys that were repeated; null if there is nothing to find. */
  duplicateSearch(): DuplicateSearch | null {
    return this.#repeated.length > 0 ? new DuplicateSearch(this.#hasher, this.#repeated) : null;
  }

  /** Tells which rows share a key with one that waits; null if none waits, or nobody wanted it. */
  earlierRows(): EarlierRows | null {
    return this.#earlier;
  }
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

  look(record: RecordCursor): void {
    const hashes = this.#hasher.hash(record);
    for (let key = 0; key < hashes.count; key++) {
      // The exact hash is made from strings: for a million rows, seconds.
      if (hashes.present[key] === 0 || !this.#candidates.has(hashes.first[key])) continue;
      const hash = this.#hasher.exactHash(record, key);
      if (hash !== null && this.#wanted.delete(hash)) this.#first.set(hash, record.row);
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
