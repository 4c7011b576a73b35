/** What becomes of a batch's records. */
import type { CopyFormat } from "../row/copy_format.ts";
import type { RowError } from "../row/outcome.ts";
import type { RecordPlaces } from "../source/found_records.ts";

/** Valid until the encoder is given the next batch. */
export interface EncodedRecords {
  /** The batch's bytes, how many records they are, and where these stand. */
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly places: RecordPlaces;
  /** The good ones: which record each is, their rows in COPY's format, and where each row ends. */
  readonly goodRecords: Int32Array;
  readonly format: CopyFormat;
  readonly copyRows: Uint8Array;
  readonly rowEnds: Int32Array;
  /** What is wrong with the others, by record. */
  readonly bad: ReadonlyMap<number, readonly RowError[]>;
}
