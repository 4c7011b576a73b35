import type { Hashes } from "../kernel/hashed_keys.ts";
import type { RecordCursor } from "../source/record.ts";

/** Rows whose keys have been hashed, in order. */
export interface HashedRows {
  readonly hashes: Hashes;
  /** How many bytes they have in the source. */
  readonly bytes: number;
  /** One of the rows, valid until the next call. */
  record(index: number): RecordCursor;
}
