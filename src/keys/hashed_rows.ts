import type { Hashes } from "../kernel/hashed_keys.ts";
import type { RecordCursor } from "../source/record.ts";

/** Rows whose keys are hashed, in their order. */
export interface HashedRows {
  readonly hashes: Hashes;
  /** One of them, to be looked at until the next call. */
  record(index: number): RecordCursor;
}
