/**
 * What a format must define so that its files can be imported: how it is recognised, how its header
 * is read, and how its records are cut, read, shown and written. format.ts lists the formats; no later stage asks which format a source has.
 */
import type { FixedField, SourceRule } from "../importer/source_rule.ts";
import type { CopyBlock } from "./copy/copy_format.ts";
import type { LineLength } from "./fixed/fixed_format.ts";
import type { RecordCursor, RecordPosition, RecordReader } from "./record.ts";

/** The beginning of a file, in UTF-8 or another encoding that extends ASCII. */
export interface Sample {
  readonly bytes: Uint8Array;
  /** Length of the byte order mark at the beginning, which is not data. */
  readonly bomBytes: number;
  /** The sample is the whole file. */
  readonly isWhole: boolean;
  /** Where the records are, in formats that have something around them. */
  readonly extent?: Extent | null;
  /** What a definition calls the columns that it reads. */
  readonly wanted?: WantedNames;
}

export type WantedNames = readonly WantedName[];

/** Aliases, of which one is enough. `isColumn`: they fill a column; else they only refer to one. */
export interface WantedName {
  readonly names: readonly string[];
  readonly isColumn: boolean;
}

/** Where the records of a file are: byte offsets, and the physical line of the first. */
export interface Extent {
  readonly start: number;
  readonly line: number;
  readonly end: number;
  /** How the format calls the place. */
  readonly path?: readonly (string | number)[];
  /** The rows of a table in a dump. */
  readonly block?: CopyBlock;
  /** What the user should know, in sentences. */
  readonly notes: readonly string[];
}

/** A file in UTF-8, to look at more of it than a sample. */
export interface LocalFile {
  readonly path: string;
  /** As its owner knows it. */
  readonly name: string;
  /** Byte offset after its data. */
  readonly end: number;
  /** Not all of it is there. */
  readonly isCut: boolean;
}

export interface Header {
  /** One for each field of a row; none is blank, no two are equal. */
  readonly names: readonly string[];
  /** The physical line on which it begins; null if the definition gives the names. */
  readonly line: number | null;
  /** Byte offset and physical line at which the data begins. */
  readonly dataStart: number;
  readonly dataLine: number;
}

export interface Rewriting {
  /** From the file's bytes to those of the copy. */
  stream(): TransformStream<Uint8Array, Uint8Array>;
  /** What the user should know, in sentences; complete when the stream has ended. */
  notes(): readonly string[];
}

/** `Format`: the details settled when a file is opened. Plain JSON, stored with the run. */
export interface FormatKind<Format> {
  /** Such files are read from a copy, which doesn't show their format: `detect` never recognises it. */
  readonly isCopied?: true;

  /**
   * Where the records of a file in this format are; null if they are all of the file, or it is in
   * another format. Throws SourceError.
   */
  locate?(sample: Sample, rule: SourceRule, file: LocalFile): Promise<Extent | null>;

  /**
   * Detects what the definition doesn't say. Null if the file is in another format; the definition
   * may name one. `name`: the file's name.
   */
  detect(sample: Sample, rule: SourceRule, name: string): Format | null;

  /**
   * How a file has to be copied so that it can be read; null if it can be read as it is, or is in
   * another format. `sample`: in UTF-8.
   */
  rewriting(sample: Sample, rule: SourceRule, name: string): Rewriting | null;

  /** The same of a file that is known to have the format, such as a copy in it. */
  rewritingOf(sample: Sample, format: Format, rule: SourceRule): Rewriting | null;

  /** What else the sample could be, in sentences, where `detect` had to guess. */
  doubts(sample: Sample, format: Format, rule: SourceRule, name: string): readonly string[];

  /**
   * Null if the file is empty, with no header. If a file has only a header, its `dataStart` is at
   * the end. Throws SourceError if the header can't be read.
   */
  readHeader(sample: Sample, format: Format, rule: SourceRule): Header | null;

  /**
   * How records that were cut in the format are read when the definition says `rule`. What the rule
   * leaves open stays.
   */
  reread(format: Format, rule: SourceRule): Format;

  /** What was guessed of the format in a way that may surprise. `rule`: what the definition says. */
  warnings(format: Format, rule: SourceRule): readonly string[];

  /** What a line of the source is called. */
  readonly lineWord: "line" | "row";

  /** `header`: the names of the fields. Throws RangeError for an invalid format. */
  records(format: Format, header: readonly string[]): RecordFormat;
}

/** How the records of one source are read and written. */
export interface RecordFormat {
  /** How many fields a record has. */
  readonly fields: number;

  /**
   * The kernel reads delimited records by itself and leaves only unusual ones to a reader. Null if
   * the reader reads all records.
   */
  readonly delimited: Delimited | null;

  /** Where fields are in records of JSON, which the kernel reads, too. */
  readonly json?: JsonRecordFormat;

  /** Where columns of fixed width are, which the kernel cuts, too. */
  readonly fixed?: FixedRecordFormat;

  /** The byte between values as COPY writes them, which the kernel reads, too. */
  readonly copyDelimiter?: number;

  /** What the decoded bytes of a field with escapes stand for, in formats that the kernel reads. */
  unescaped?(text: string): string;

  /**
   * Reads records from a piece of the source that begins and ends at record boundaries. `at`: the
   * place of its first byte.
   */
  reader(bytes: Uint8Array, at: RecordPosition, maxRecordBytes?: number): RecordReader;

  /** Sees the same boundaries as a reader, also around malformed records. */
  boundaries(maxRecordBytes?: number): RecordBoundaries;

  /**
   * A record's values by column name, for people, even if the record has a defect. They are as in
   * the file, except for characters that jsonb can't hold.
   */
  display(bytes: Uint8Array): (start: number, end: number) => Readonly<Record<string, string>>;

  /** Does a record with line breaks inside look like rows that a stray quote has joined? */
  holdsRows(record: RecordCursor): boolean;

  /** The delimiter of a failed-rows file, which is delimited text whatever the source is. */
  readonly cellDelimiter: string;

  /**
   * The bytes, without a line end, from which a reader reads exactly these values. Null if the
   * source's format can't hold one of them.
   */
  encode(values: readonly string[]): Uint8Array | null;
  /** Why it can't, to complete a sentence, and what to do. */
  readonly cannotEncode: string;

  /**
   * The record with these values, by field, in the place of its own; all others keep their bytes.
   * Null if it can't be read: then `encode` it anew. Absent: the record is its values, one after the
   * other.
   */
  replace?(record: Uint8Array, values: ReadonlyMap<number, string>): Uint8Array | null;
}

/** What the kernel has to know of JSON. */
export interface JsonRecordFormat {
  /** Each line is a record; else, values follow each other. */
  readonly isLines: boolean;
  /** By field: the keys of objects and positions in arrays that lead to it. */
  readonly paths: readonly (readonly (string | number)[])[];
}

/** What the kernel has to know of columns of fixed width. */
export interface FixedRecordFormat {
  readonly fields: readonly FixedField[];
  readonly length: LineLength;
  /** Blanks around values are data. */
  readonly keepsBlanks: boolean;
  /** The byte with which a comment begins; -1 if there are none. */
  readonly commentMark: number;
}

/** What the kernel has to know of delimited text. */
export interface Delimited {
  /** The bytes that end fields and records. */
  readonly delimiter: number;
  readonly newline: number;
  /** The byte that encloses fields; -1 if there is none. */
  readonly quote: number;
  /** Blanks outside quotes are no data, and any number of CRs may come before a line end. */
  readonly isTolerant: boolean;
  /** Rows of delimiters and blanks only are no records. */
  readonly skipsEmptyRows: boolean;
  /** Missing fields at a row's end are empty, and surplus ones are dropped if they are. */
  readonly fillsRows: boolean;
  /** The byte with which a comment begins; -1 if there are none. */
  readonly commentMark: number;
}

/** Finds the end of a record that is too long. */
export interface LongRecordEnd {
  /** Physical lines of the record so far, as far as they are not counted elsewhere. */
  readonly lines: number;
  /** The record can't end here, because an opening mark is not closed. */
  readonly isOpen: boolean;
  /** That depends on the next bytes. */
  readonly mayBeOpen: boolean;
  /** Takes the record's next bytes; returns the index after its end, or -1. */
  take(bytes: Uint8Array, from: number, to: number): number;
  /** One that can look ahead. */
  clone(): LongRecordEnd;
}

/** Finds where records end, without cutting fields. It keeps no state between calls. */
export interface RecordBoundaries {
  /** Index after the last complete record, including its line end. */
  readonly end: number;
  /** Data records in [from, end); lines that are skipped don't count. */
  readonly rows: number;
  /** Rows without any value, and comments, both of which were skipped. */
  readonly emptyRows: number;
  readonly comments: number;
  /** Physical lines in [from, end); an unterminated last line counts as one. */
  readonly lines: number;
  /** The bytes ran out before a target was reached: call again from `end` with more bytes. */
  readonly needMore: boolean;

  /**
   * Not null if the last record passed is too long: `end` is where it was cut, and no record begins
   * before its real end, which this finds. If it may be open and the source has no end for it, an
   * opening mark is stray: pass the same bytes again with `givesUp`.
   */
  readonly long: LongRecordEnd | null;
  givesUp: boolean;
  /** The last record passed has a stray mark that has been given up. A batch has to end with it. */
  readonly gaveUp: boolean;

  /**
   * Passes records from `from`, a record's start, until there are `maxRows` of them or they reach
   * `maxBytes`, whichever comes first. The record that reaches `maxBytes` is included. `isLast`:
   * the source ends where `bytes` end; then every byte is consumed unless a target is reached.
   *
   * With a window of `MAX_RECORD_BYTES` from `end`, it always passes at least one record.
   */
  advance(
    bytes: Uint8Array,
    from: number,
    maxRows: number,
    maxBytes: number,
    isLast: boolean,
  ): void;
}
