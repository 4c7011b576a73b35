/**
 * What every format gives the stages after it: records, one at a time, as byte ranges.
 *
 * Nothing is decoded until somebody asks for it, because most fields of most files go to
 * Postgres as the bytes they came in.
 */

export { FIELD_DOUBLED_QUOTES, FIELD_NOT_ASCII, FIELD_QUOTED } from "./field_flags.ts";

/** Why a record can't be read as a row. It fails alone; its bytes are kept. */
export interface Defect {
  readonly code: "malformed" | "encoding";
  /** One sentence for the owner of the file. */
  readonly message: string;
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

  /** Ranges of the fields' content in `bytes`, without the enclosing quotes. */
  readonly fieldStart: Int32Array;
  readonly fieldEnd: Int32Array;
  /** Bits of `FIELD_*` for each field. */
  readonly fieldFlags: Uint8Array;

  /** A field's value: decoded, doubled quotes undone. */
  text(field: number): string;
}

/** A cursor that can be put anywhere in its bytes: one for many records, instead of one each. */
export interface RecordReader extends RecordCursor {
  /** Goes on as if the bytes were only those from `start` to `end`. */
  moveTo(start: number, end: number, at: RecordPosition): void;
  /** Where the next record is looked for, and on which line. */
  readonly nextOffset: number;
  readonly nextLine: number;
}

/**
 * A record is no longer than this (16 MiB). It bounds memory when a file has no line breaks, and
 * how far an unclosed quote is followed before its line is given up.
 */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
