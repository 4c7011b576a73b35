/** The result of encoding a batch's records. */
import type { CopyFormat } from "../row/copy_format.ts";
import type { RowError } from "../row/outcome.ts";
import type { RecordPlaces } from "../source/found_records.ts";

/** Valid until the encoder is given the next batch. */
export interface EncodedRecords {
  /** The batch's bytes, the number of its records, and their places. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly places: RecordPlaces;
  /** The good records' indexes, their rows in COPY's format, and the end of each row. */
  readonly goodRecords: Int32Array;
  readonly format: CopyFormat;
  readonly copyRows: Uint8Array;
  readonly rowEnds: Int32Array;
  /** The errors of the other records, by record. */
  readonly bad: ReadonlyMap<number, readonly RowError[]>;
}
