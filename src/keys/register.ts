/** Remembers the keys that the planner has seen, and the rows that repeated one. */
import type { DescribedKey } from "../kernel/described_keys.ts";
import type { Hashes, ScannedKeys } from "../kernel/hashed_keys.ts";
import type { RecordCursor } from "../source/record.ts";
import { BloomFilter, filterFor } from "./bloom.ts";
import { DuplicateSearch, type Repeated } from "./duplicate_search.ts";
import { EarlierRows } from "./earlier_rows.ts";
import type { HashedRows } from "./hashed_rows.ts";
import type { KeyHasher } from "./hasher.ts";

/** How many repeating rows say which row came first. The others only say that one did. */
const MAX_NAMED_DUPLICATES = 10_000;

export class KeyRegister implements ScannedKeys {
  readonly #hasher: KeyHasher;
  readonly #bytes: number;
  /** Its size depends on the first rows. */
  #filter: BloomFilter | null = null;
  readonly #namesDuplicates: boolean;
  readonly #findsEarlier: boolean;
  readonly #repeated: Repeated[] = [];
  #earlier: EarlierRows | null = null;
  /** From this one of the rows being hashed on, each may repeat any earlier row. */
  #ambiguousFrom = Infinity;

  /**
   * @param namesDuplicates Rows that fail as duplicates say which row came first.
   * @param findsEarlier Also finds the rows that deferred rows depend on: see EarlierRows.
   * @param bytes How long the source is at most.
   */
  constructor(
    hasher: KeyHasher,
    namesDuplicates: boolean,
    findsEarlier = false,
    bytes = Infinity,
  ) {
    this.#bytes = bytes;
    this.#hasher = hasher;
    this.#namesDuplicates = namesDuplicates;
    this.#findsEarlier = findsEarlier;
  }

  get keys(): readonly DescribedKey[] {
    return this.#hasher.described;
  }

  hash(record: RecordCursor, index: number): Hashes {
    const hashes = this.#hasher.hash(record);
    if (hashes.ambiguous) this.#ambiguousFrom = Math.min(this.#ambiguousFrom, index);
    return hashes;
  }

  /** Notes the keys of rows. Returns the rows with a key that was, or seems to be, seen before. */
  addAll(rows: HashedRows): readonly number[] {
    const { hashes, bytes } = rows;
    if (hashes.present.length === 0) return [];
    this.#filter ??= new BloomFilter(filterFor(this.#bytes, hashes.present.length / bytes));
    const seen = this.#filter.add(hashes);
    // Usually no key was seen before, and there is no need to look at each row.
    if (seen === null && this.#ambiguousFrom === Infinity) return [];
    return this.#repeating(rows, seen ?? new Uint8Array(hashes.present.length));
  }

  #repeating(rows: HashedRows, seen: Uint8Array): readonly number[] {
    const repeating: number[] = [];
    for (let row = 0, first = 0; first < seen.length; row++, first += this.#hasher.keyCount) {
      const isAmbiguous = row >= this.#ambiguousFrom;
      const key = isAmbiguous ? -1 : this.#firstSeen(seen, first);
      if (key < 0 && !isAmbiguous) continue;
      repeating.push(row);
      this.#noteRepeating(rows, row, key, rows.hashes.words[2 * (first + key)]);
    }
    // All later rows are ambiguous as well.
    if (this.#ambiguousFrom < Infinity) this.#ambiguousFrom = 0;
    return repeating;
  }

  #firstSeen(seen: Uint8Array, first: number): number {
    for (let key = 0; key < this.#hasher.keyCount; key++) if (seen[first + key] !== 0) return key;
    return -1;
  }

  /**
   * `key`: the key that was seen before, or -1; `coarse`: its hash in the filter. The record is read only
   * if somebody asks: a million records take several seconds.
   */
  #noteRepeating(rows: HashedRows, index: number, key: number, coarse: number): void {
    const isNamed = key >= 0 && this.#namesDuplicates &&
      this.#repeated.length < MAX_NAMED_DUPLICATES;
    if (!isNamed && !this.#findsEarlier) return;
    const record = rows.record(index);
    if (isNamed) {
      const hash = this.#hasher.exactHash(record, key);
      if (hash !== null) this.#repeated.push({ row: record.row, key, coarse, hash });
    }
    if (!this.#findsEarlier) return;
    this.#earlier ??= new EarlierRows(this.#hasher);
    this.#earlier.note(record);
  }

  /** Finds the first rows with the keys that were repeated; null if there is nothing to find. */
  duplicateSearch(): DuplicateSearch | null {
    return this.#repeated.length > 0 ? new DuplicateSearch(this.#hasher, this.#repeated) : null;
  }

  /** Finds the rows that share a key with a deferred row; null if none is deferred or wanted. */
  earlierRows(): EarlierRows | null {
    return this.#earlier;
  }
}
