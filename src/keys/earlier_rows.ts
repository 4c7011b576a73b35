/**
 * For dry runs: which rows share a key with a row that is deferred to a later phase?
 *
 * A dry run's first phase is rolled back, so its later phases must first load again the rows that
 * their own depend on (run/process/rehearsal.ts). The planner of a dry run finds these rows as follows:
 *
 * 1. `new KeyRegister(hasher, namesDuplicates, true)`: for each row that `addAll` reports as
 *    deferred, the register notes all keys of that row, not only the one seen before.
 * 2. When the last row is planned, call `register.earlierRows()`; it is null if no row is deferred.
 * 3. Go over all rows again, in any order, and write those that `includes` reports with
 *    `writeEarlierRows` (ledger/batches/deferred.ts), in pieces of any size. That function skips rows that
 *    are deferred themselves, so they need not be known here.
 */
import type { RecordCursor } from "../source/record.ts";
import { BloomFilter } from "./bloom.ts";
import type { HashedRows } from "./hashed_rows.ts";
import type { KeyHasher } from "./hasher.ts";

export class EarlierRows {
  readonly #hasher: KeyHasher;
  readonly #filter = new BloomFilter();

  constructor(hasher: KeyHasher) {
    this.#hasher = hasher;
  }

  /** Notes the keys of a deferred row. */
  note(record: RecordCursor): void {
    this.#filter.add(this.#hasher.hash(record));
  }

  /**
   * Does the row share, or seem to share, a key with a noted row? `row`: its index among the hashed
   * rows.
   */
  includes({ hashes }: HashedRows, row: number): boolean {
    // Rows that are deferred for this reason may share a key with any row, whatever the hashes.
    if (this.#hasher.ambiguous) return true;
    const { keyCount } = this.#hasher;
    const [first, end] = [row * keyCount, (row + 1) * keyCount];
    return this.#filter.hasAny({
      words: hashes.words.subarray(2 * first, 2 * end),
      present: hashes.present.subarray(first, end),
    });
  }
}
