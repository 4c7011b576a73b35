/**
 * What a format has to say, so that its files can be imported: how it is recognised, how its header
 * is read, and how its records are cut, read, shown and written. format.ts lists those that there
 * are; no other place asks which one a source has.
 */
import type { SourceRule } from "../importer/definition.ts";
import type { RecordPosition, RecordReader } from "./record.ts";

/** The beginning of a file, in UTF-8 or another encoding that extends ASCII. */
export interface Sample {
  readonly bytes: Uint8Array;
  /** Bytes of the byte order mark at the beginning, which are no data. */
  readonly bomBytes: number;
  /** It is all that there is of the file. */
  readonly isWhole: boolean;
}

export interface Header {
  /** One for each field of a row; none is blank, no two are equal. */
  readonly names: readonly string[];
  /** Byte offset and physical line at which the data begins. */
  readonly dataStart: number;
  readonly dataLine: number;
}

/** `Format`: what is settled when a file is opened. Plain JSON, stored with the run. */
export interface FormatKind<Format> {
  /**
   * Settles what the definition leaves open. Null if the file is of another format; the definition
   * may name one. `name`: of the file.
   */
  detect(sample: Sample, rule: SourceRule, name: string): Format | null;

  /**
   * Null if there is no header: the file is empty. A file with a header only has its `dataStart` at
   * the end. Throws SourceError if it can't be read.
   */
  readHeader(sample: Sample, format: Format, rule: SourceRule): Header | null;

  /** `header`: the names of the fields. Throws RangeError for a format that can't be. */
  records(format: Format, header: readonly string[]): RecordFormat;
}

/** How the records of one source are read and written. */
export interface RecordFormat {
  /** How many fields a record has. */
  readonly fields: number;

  /**
   * The kernel reads delimited records by itself and leaves only odd ones to a reader. Null: a reader
   * reads them all.
   */
  readonly delimited: Delimited | null;

  /**
   * Reads records from a piece of the source that begins and ends at record boundaries. `at`: where
   * its first byte stands.
   */
  reader(bytes: Uint8Array, at: RecordPosition, maxRecordBytes?: number): RecordReader;

  /** Sees the same boundaries as a reader, around malformed records, too. */
  boundaries(maxRecordBytes?: number): RecordBoundaries;

  /**
   * A record's values by column name, for people, whatever is wrong with it: as the file has them,
   * but for what jsonb can't hold.
   */
  display(bytes: Uint8Array): (start: number, end: number) => Readonly<Record<string, string>>;

  /** Between the cells of a file of failed rows, which is delimited text whatever the source is. */
  readonly cellDelimiter: string;

  /** The bytes, without a line end, from which a reader reads exactly these values. */
  encode(values: readonly string[]): Uint8Array;
}

/** Bytes. */
export interface Delimited {
  readonly delimiter: number;
  readonly newline: number;
}

/** Finds where records end, without cutting fields. It keeps nothing from call to call. */
export interface RecordBoundaries {
  /** Index after the last complete record, its line end included. */
  readonly end: number;
  /** Data records in [from, end); empty lines are none. */
  readonly rows: number;
  /** Physical lines in [from, end); an unterminated last line counts as one. */
  readonly lines: number;
  /** The bytes ran out before a target was reached: call again from `end` with more bytes. */
  readonly needMore: boolean;

  /**
   * Goes over records from `from`, a record's start, until there are `maxRows` of them or they
   * reach `maxBytes`, whichever comes first; the record that reaches `maxBytes` is included.
   * `isLast` says that the source ends where `bytes` end; then every byte is consumed unless a
   * target is reached.
   *
   * A window of `MAX_RECORD_BYTES` from `end` always brings it on by a record.
   */
  advance(
    bytes: Uint8Array,
    from: number,
    maxRows: number,
    maxBytes: number,
    isLast: boolean,
  ): void;
}
