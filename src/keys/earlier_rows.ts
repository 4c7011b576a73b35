/**
 * For dry runs: which rows share a key with a row that waits for a later phase?
 *
 * A dry run's first phase is rolled back, so its later phases load the rows that theirs depend on
 * again first (run/process/rehearsal.ts). Whatever plans a dry run finds these rows so:
 *
 * 1. `new KeyRegister(hasher, namesDuplicates, run.dry_run)`: with each row of which its `addAll` says
 *    that it waits, the register notes all the keys of that row, not only the one seen before.
 * 2. When the last row is planned, `register.earlierRows()`; null if no row waits.
 * 3. All rows once more, in any order: those for which `includes` says so are written with
 *    `writeEarlierRows` (ledger/deferred.ts), in pieces as it suits. It leaves alone rows that wait
 *    themselves, so that nobody has to know here which those are.
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

  /** Notes the keys of a row that waits. */
  note(record: RecordCursor): void {
    this.#filter.add(this.#hasher.hash(record));
  }

  /**
   * Has the row (or seems to have) a key in common with a row that was noted? `row`: its number
   * among the hashed ones.
   */
  includes({ hashes }: HashedRows, row: number): boolean {
    // Rows that wait for this reason may have a key in common with any row, whatever the hashes.
    if (this.#hasher.ambiguous) return true;
    const { keyCount } = this.#hasher;
    const [first, end] = [row * keyCount, (row + 1) * keyCount];
    return this.#filter.hasAny({
      words: hashes.words.subarray(2 * first, 2 * end),
      present: hashes.present.subarray(first, end),
    });
  }
}
