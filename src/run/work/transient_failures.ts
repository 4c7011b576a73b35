/** How often a worker's batches have failed for reasons that may be gone at the next try. */
import { type ClaimedBatch, identityOf } from "../../ledger/batches/claim_batch.ts";

/** Stands for a batch while the worker looks for one. */
const SEARCH = "search";

export class TransientFailures {
  readonly #byBatch = new Map<string, number>();

  /** How often this batch, or the search for one, has failed so far, with this time. */
  count(batch: ClaimedBatch | null): number {
    const key = keyOf(batch);
    const failures = (this.#byBatch.get(key) ?? 0) + 1;
    this.#byBatch.set(key, failures);
    return failures;
  }

  forget(batch: ClaimedBatch | null): void {
    this.#byBatch.delete(keyOf(batch));
  }

  forgetAll(): void {
    this.#byBatch.clear();
  }
}

function keyOf(batch: ClaimedBatch | null): string {
  return batch === null ? SEARCH : identityOf(batch);
}
