/**
 * What every format gives the later stages: records, one at a time, as byte ranges.
 *
 * Nothing is decoded until it is needed, because most fields of most files go to Postgres as the
 * bytes that the file has.
 */

export {
  FIELD_DOUBLED_QUOTES,
  FIELD_ESCAPED,
  FIELD_NATIVE,
  FIELD_NOT_ASCII,
  FIELD_NULL,
  FIELD_QUOTED,
} from "./field_flags.ts";

/** Why a record can't be read as a row. Only this record fails, and its bytes are kept. */
export interface Defect {
  readonly code: "malformed" | "encoding" | "cell";
  /** One sentence for the owner of the file. */
  readonly message: string;
  /** The text that is damaged, with its bytes that are none as in `M\xfcller`. */
  readonly value?: string;
}

/** Where a record begins. */
export interface RecordPosition {
  /** Byte offset in the source. */
  readonly offset: number;
  /** Physical line, from 1. */
  readonly line: number;
  /** Data row, from 1; the header is not a row. */
  readonly row: number;
}

/**
 * A cursor over the records of one piece of a source. All properties describe the current
 * record and are overwritten by `next()`; nothing is allocated for a record.
 */
export interface RecordCursor {
  /** Goes to the next record; false at the end of the bytes. */
  next(): boolean;

  readonly bytes: Uint8Array;
  /** Range of the record in `bytes`, without its line end. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly row: number;

  readonly fieldCount: number;
  /** Set when the record can't be used; its fields are then not meaningful. */
  readonly defect: Defect | null;

  /** Names of values that the record has beside its fields, in formats whose records name them. */
  readonly others?: readonly string[];

  /** Ranges of the fields' content in `bytes`, without the enclosing quotes. */
  readonly fieldStart: Int32Array;
  readonly fieldEnd: Int32Array;
  /** Bits of `FIELD_*` for each field. */
  readonly fieldFlags: Uint8Array;

  /** A field's value: decoded, doubled quotes undone. */
  text(field: number): string;
}

/** A cursor that can be moved anywhere in its bytes, so that one is enough for many records. */
export interface RecordReader extends RecordCursor {
  /** Continues as if the bytes were only those from `start` to `end`. */
  moveTo(start: number, end: number, at: RecordPosition): void;
  /** The offset and the line from which the next record is read. */
  readonly nextOffset: number;
  readonly nextLine: number;
}

/**
 * The longest record (16 MiB). This bounds the memory for a file without line breaks, and how far
 * the search for a closing quote goes.
 */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
