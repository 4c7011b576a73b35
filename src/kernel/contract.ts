// Made by scripts/kernel.ts from assembly/: change that, and run `scripts/deno task kernel`.

/** What assembly/index.ts exports, which says in which order it is used. */
export interface KernelExports {
  /** Where the kernel's own tables end. From here on, the caller gives out the memory. */
  firstFree(): number;

  /**
   * Says how the source is written. `delimiterByte`: 0 if its records are not delimited text, which
   * leaves them all to the caller. `fields`: how many the header has. `fieldLists`: room for the
   * lists of a record's fields (Size.field for each). Records longer than `maxBytes` are left to
   * the caller, as are those whose end is unclear; if `isStrict`, also all others that can't be
   * rows. /
   */
  setSource(
    delimiterByte: number,
    newlineByte: number,
    fields: number,
    fieldLists: number,
    maxBytes: number,
    isStrict: boolean,
  ): void;

  /** The next record is the first one from `start` on. `isFinal`: the source ends at `end`. */
  readPiece(start: number, end: number, isFinal: boolean): void;

  /** Leaves out the records at these positions (u32 each, ascending). */
  leaveOut(positions: number, length: number): void;

  /** The caller has moved all bytes, those of the listed records and those still to be read. */
  moveRecords(by: number): void;

  /** Goes on at `next`, before which there are `nextLine` lines: there is no record up to there. */
  passBytes(next: number, nextLine: number): void;

  /**
   * Lists the record at `at`, which the caller has read, and goes on behind it: at `next`, before
   * which there are `nextLine` lines. False: the record is one of those to be left out.
   */
  takeRecord(start: number, end: number, line: number, next: number, nextLine: number): 0 | 1;

  /**
   * Gives the lists of a batch, with room for so many records: where each stands (Place); which
   * ones have a row, and where these rows end (u32 each). /
   */
  setLists(places: number, goodRecords: number, rowEnds: number, room: number): void;

  /**
   * Begins to write rows of these columns (Column, one behind the other) at `start`. `spare`: how
   * many bytes a row may need beyond twice its record, for separators, constants and a vector. /
   */
  beginRows(
    columns: number,
    columnCount: number,
    spare: number,
    isBinary: boolean,
    start: number,
  ): void;

  /** Says where the room for rows ends. */
  setRoom(limit: number): void;

  /**
   * Goes on until something is left to the caller. Answer.column: it calls `takeColumn`, and writes
   * that column or calls `failRecord`. Answer.unusual: it calls `takeRecord` and, having written a
   * row, `addRow`. Answer.full: it calls `setRoom`.
   */
  encode(): Answer;

  /** Tells which column the caller is to write. The kernel goes on behind it. */
  takeColumn(): number;

  /** Says that something is wrong with the record: its row will not be kept. */
  failRecord(): void;

  /** The record that was listed last has a row, which ends at `out`. */
  addRow(): void;

  /** A row begins with how many columns it has. */
  putColumnCount(columns: number): void;

  /** A column begins with how long it is, in bytes. */
  putLength(bytes: number): void;

  /** A column without a value. */
  putNull(): void;

  /** A column of a type, from the text of its value. False: the kernel is not sure of it. */
  putTyped(type: BinaryType, start: number, end: number): 0 | 1;

  /** What is written next goes here. */
  setOut(next: number): void;

  /** The caller has written so many bytes at `out`. */
  wrote(bytes: number): void;

  /** Says what keys a record has (Key, one behind the other). */
  setKeys(keys: number, keyCount: number): void;

  /**
   * Gives the lists of a batch, with room for so many records: where each stands (Place); for each,
   * for each key: its hash (u64), and 1 if it has that key (u8).
   */
  setKeyLists(places: number, hashes: number, present: number, room: number): void;

  /** Gives room for the values that are hashed: twice the longest record. */
  setScratch(place: number): void;

  /** Begins a batch of so many rows at most. */
  beginCut(start: number, maxRows: number): void;

  /**
   * Says how far the batch can be read. `isFinal`: the source ends at `end`. None of the batch's
   * rows begins at `enough` or later. /
   */
  continueCut(end: number, isFinal: boolean, enough: number): void;

  /**
   * Reads records and hashes their keys, until the batch is complete or something is left to the
   * caller. Answer.unusual: it calls `passRecord`. Answer.keys: it writes into the lists what
   * belongs to the record that was listed last. Answer.incomplete: it calls `continueCut`. /
   */
  hashKeys(): Answer;

  /** Lists the record at `at`, which can't be a row and has no keys, and goes on behind it. */
  passRecord(end: number, lineEnds: number): void;

  /** Begins to read records of which the caller has listed where each begins and ends (Place). */
  readFound(records: number): void;

  /** As `encode`. */
  encodeFound(): Answer;

  /** As `hashKeys`. */
  hashFound(): Answer;

  /** Begins a hash. `key`: its number, so that values of different keys don't meet. */
  beginHash(key: number): void;

  /** Adds a value. */
  addBytes(from: number, length: number): void;

  /** Adds NULL, which is no text. */
  addNull(): void;

  /** Spreads the bits, and stores the hash (u64) at `target`. */
  endHash(target: number): void;

  /** Begins a filter of 2^`bitsLog2` bits in blocks (two at least), which are all 0. */
  setFilter(blocks: number, bitsLog2: number): void;

  /**
   * Adds the keys with these hashes (u64 each), as far as they are `present` (u8 each). Afterwards,
   * `present` says of each whether it was there before, or seems so. Returns how many were.
   */
  addKeys(hashes: number, present: number, keyCount: number): number;

  /** Is the key there whose hash (u64) stands at `place`, or does it seem so? */
  hasKey(place: number): 0 | 1;

  /** Says what each row begins with, and what its fields are called (Name, one behind the other). */
  setLog(opening: number, openingLength: number, names: number): void;

  /** Says what became of the rows that are written next: a word, as a column. */
  setStatus(status: number, statusLength: number): void;

  /**
   * Writes a row; if it `failed`, without the last column, its errors. False, having written
   * nothing: the record between `start` and `end` is unusual, and is for the caller. /
   */
  logRow(start: number, end: number, row: number, line: number, failed: boolean): 0 | 1;

  readonly at: KernelGlobal;
  readonly limit: KernelGlobal;
  readonly lines: KernelGlobal;
  readonly recordStart: KernelGlobal;
  readonly recordEnd: KernelGlobal;
  readonly recordLine: KernelGlobal;
  readonly fieldStarts: KernelGlobal;
  readonly fieldEnds: KernelGlobal;
  readonly fieldFlags: KernelGlobal;
  readonly count: KernelGlobal;
  readonly places: KernelGlobal;
  readonly position: KernelGlobal;
  readonly failed: KernelGlobal;
  readonly good: KernelGlobal;
  readonly out: KernelGlobal;
  readonly begun: KernelGlobal;
}

/** Says where the kernel stands; only the kernel sets it. */
export interface KernelGlobal {
  readonly value: number;
}

export const SIZE = {
  field: 9,
  hash: 8,
  filterBlock: 32,
} as const;
export type Size = typeof SIZE[keyof typeof SIZE];

export const ANSWER = {
  end: 0,
  record: 1,
  incomplete: 2,
  unusual: 3,
  column: 4,
  full: 5,
  tooMany: 6,
  keys: 7,
  enough: 8,
} as const;
export type Answer = typeof ANSWER[keyof typeof ANSWER];

export const HASHING = {
  caller: 0,
  folded: 1,
  plain: 2,
} as const;
export type Hashing = typeof HASHING[keyof typeof HASHING];

export const KIND = {
  caller: 0,
  text: 1,
  one_of: 2,
  words: 3,
  integer: 4,
  decimal: 5,
  email: 6,
  date: 7,
  timestamp: 8,
  uuid: 9,
  constant: 10,
} as const;
export type Kind = typeof KIND[keyof typeof KIND];

export const BINARY_TYPE = {
  none: 0,
  text: 1,
  bool: 2,
  int2: 3,
  int4: 4,
  int8: 5,
  float8: 6,
  numeric: 7,
  date: 8,
  timestamp: 9,
  uuid: 10,
} as const;
export type BinaryType = typeof BINARY_TYPE[keyof typeof BINARY_TYPE];

// Structures in the kernel's memory: their length in bytes, and where their fields lie.

export const PLACE = {
  bytes: 16,
  fields: {
    start: { at: 0, type: "u32" },
    end: { at: 4, type: "u32" },
    line: { at: 8, type: "u32" },
    position: { at: 12, type: "u32" },
  },
} as const;

export const COLUMN = {
  bytes: 72,
  fields: {
    kind: { at: 0, type: "i32" },
    field: { at: 4, type: "u32" },
    trim: { at: 8, type: "bool" },
    nullPasses: { at: 9, type: "bool" },
    nulls: { at: 12, type: "u32" },
    nullCount: { at: 16, type: "u32" },
    longestNull: { at: 20, type: "i32" },
    words: { at: 24, type: "u32" },
    wordCount: { at: 28, type: "u32" },
    maxLength: { at: 32, type: "u32" },
    value: { at: 36, type: "u32" },
    valueLength: { at: 40, type: "u32" },
    hashing: { at: 44, type: "i32" },
    minLength: { at: 48, type: "u32" },
    type: { at: 52, type: "i32" },
    lowest: { at: 56, type: "f64" },
    highest: { at: 64, type: "f64" },
  },
} as const;

export const WORD = {
  bytes: 16,
  fields: {
    bytes: { at: 0, type: "u32" },
    length: { at: 4, type: "u32" },
    meaning: { at: 8, type: "u32" },
    meaningLength: { at: 12, type: "u32" },
  },
} as const;

export const KEY = {
  bytes: 12,
  fields: {
    nullsEqual: { at: 0, type: "bool" },
    columns: { at: 4, type: "u32" },
    columnCount: { at: 8, type: "u32" },
  },
} as const;

export const NAME = {
  bytes: 12,
  fields: {
    bytes: { at: 0, type: "u32" },
    length: { at: 4, type: "u32" },
    field: { at: 8, type: "u32" },
  },
} as const;
