// Made by scripts/kernel.ts from assembly/: change that, and run `scripts/deno task kernel`.

/** What assembly/index.ts exports, which says in which order it is used. */
export interface KernelExports {
  /** Where the kernel's own tables and its scratch end. From here on, the caller allocates. */
  firstFree(): number;

  /**
   * Sets the source's format. `delimiterByte`: 0 if its records are not delimited text; then all are
   * left to the caller. `fields`: how many the header has. `fieldLists`: room for the lists of a
   * record's fields (Size.field for each). The kernel leaves records to the caller that are longer
   * than `maxBytes` or have no clear end and, if `isStrict`, all others that can't be rows.
   */
  setSource(
    delimiterByte: number,
    newlineByte: number,
    quoteByte: number,
    isTolerant: boolean,
    skipEmptyRows: boolean,
    fillRows: boolean,
    commentByte: number,
    fields: number,
    fieldLists: number,
    maxBytes: number,
    isStrict: boolean,
  ): void;

  /** Begins with the first record from `start` on. `isFinal`: the source ends at `end`. */
  readPiece(start: number, end: number, isFinal: boolean): void;

  /**
   * The source has JSON records, whose fields are found from `rootNode` (PathNode) on. `otherKeys`: room
   * for 100 keys that lead to no field (OtherKey, and 64 bytes each).
   */
  setJson(rootNode: number, hasLines: boolean, otherKeys: number): void;

  /** The records are rows as COPY writes them in its text format. To be called after setSource. */
  setCopyText(delimiterByte: number): void;

  /** The records are lines whose columns have a fixed width. To be called after setSource. */
  setFixed(
    list: number,
    least: number,
    most: number,
    keepBlanks: boolean,
    commentByte: number,
  ): void;

  /** Leaves out the records at these positions (u32 each, ascending). */
  leaveOut(positions: number, length: number): void;

  /** Call it after moving all bytes: those of the listed records and those still to be read. */
  moveRecords(by: number): void;

  /** Continues at `next`, with `nextLine` lines before that. There is no record up to there. */
  passBytes(next: number, nextLine: number): void;

  /**
   * Lists the record at `at`, which the caller has read, and continues after it: at `next`, with
   * `nextLine` lines before that. Returns false if the record is one of those to leave out.
   */
  takeRecord(start: number, end: number, line: number, next: number, nextLine: number): 0 | 1;

  /**
   * Sets the lists of a batch, with room for `room` records: the place of each (Place); which ones
   * have a row, and where these rows end (u32 each).
   */
  setLists(places: number, goodRecords: number, rowEnds: number, room: number): void;

  /**
   * Begins to write rows of these columns (Column, one after the other) at `start`. `rowGrowth`: how
   * many times its record's length a row may have. `spare`: how many bytes it may need besides, for
   * separators, constants and a vector.
   */
  beginRows(
    columns: number,
    columnCount: number,
    rowGrowth: number,
    spare: number,
    isBinary: boolean,
    start: number,
  ): void;

  /** Sets where the room for rows ends. */
  setRoom(limit: number): void;

  /**
   * Continues until the caller has to do something. Answer.column: call `takeColumn`, and write that
   * column or call `failRecord`. Answer.unusual: call `takeRecord` and, after writing a row,
   * `addRow`. Answer.full: call `setRoom`.
   */
  encode(): Answer;

  /** Asks the caller for each value of the column, in this batch. */
  askAlways(column: number): void;

  /** Nothing that was written for the column before is recalled. */
  forgetColumn(column: number): void;

  /** Returns the column that the caller must write. The kernel continues after it. */
  takeColumn(): number;

  /** Marks the record as failed: its row will not be kept. */
  failRecord(): void;

  /** Adds the row of the record listed last; the row ends at `out`. */
  addRow(): void;

  /** Keeps what was written, from `from` to `out`, for the fields that were looked for last. */
  remember(from: number): void;

  /** Begins a row with its number of columns. */
  putColumnCount(columns: number): void;

  /** Begins a column with its length in bytes. */
  putLength(bytes: number): void;

  /** Writes a column without a value. */
  putNull(): void;

  /** Writes a column of a type, from its value's text. Returns false if the kernel is not sure. */
  putTyped(type: BinaryType, start: number, end: number): 0 | 1;

  /** Sets where the next byte goes. */
  setOut(next: number): void;

  /** Says how many bytes the caller has written at `out`. */
  wrote(bytes: number): void;

  /** Sets the keys that a record has (Key, one after the other). */
  setKeys(keys: number, keyCount: number): void;

  /**
   * Sets the lists of a batch, with room for `room` records: the place of each (Place); and for each
   * record and key, its hash (u64), and 1 if the record has that key (u8).
   */
  setKeyLists(places: number, hashes: number, present: number, room: number): void;

  /** Sets the room for a value that is hashed, at least twice as long as the longest record. */
  setKeyRoom(place: number, bytes: number): void;

  /** Begins a batch of at most `maxRows` rows. */
  beginCut(start: number, maxRows: number): void;

  /**
   * Sets how far the batch can be read. `isFinal`: the source ends at `end`. No row of the batch
   * begins at `enough` or later.
   */
  continueCut(end: number, isFinal: boolean, enough: number): void;

  /**
   * Reads records and hashes their keys, until the batch is complete or the caller has to do
   * something. Answer.unusual: call `passRecord`. Answer.keys: write the keys of the record listed
   * last into the lists. Answer.incomplete: call `continueCut`.
   */
  hashKeys(): Answer;

  /** Lists the record at `at`, which can't be a row and has no keys, and continues after it. */
  passRecord(end: number, lineEnds: number): void;

  setHeader(place: number, length: number): void;

  /** Begins to read records whose places (Place) the caller has listed. */
  readFound(records: number): void;

  /** Like `encode`. */
  encodeFound(): Answer;

  /** Like `hashKeys`. */
  hashFound(): Answer;

  /** Begins a hash. `key`: its number, so that equal values of different keys differ. */
  beginHash(key: number): void;

  /** Adds a value. */
  addBytes(from: number, length: number): void;

  /** Adds NULL, which differs from every text. */
  addNull(): void;

  /** Mixes the bits, and stores the hash (u64) at `target`. */
  endHash(target: number): void;

  /** Begins a filter of 2^`bitsLog2` bits in blocks (at least two), in which all bits are 0. */
  setFilter(blocks: number, bitsLog2: number): void;

  /**
   * Adds those of the keys with these hashes (u64 each) that are `present` (u8 each). Afterwards,
   * `present` is 1 for each key that was, or seems to have been, in the filter before. Returns how
   * many there were.
   */
  addKeys(hashes: number, present: number, keyCount: number): number;

  /** Is the key with the hash (u64) at `place` in the filter, or does it seem to be? */
  hasKey(place: number): 0 | 1;

  /** Sets the beginning of each row, and whether Postgres may split records into their values. */
  setLog(opening: number, openingLength: number, mayBeSplit: boolean): void;

  /** Sets the outcome of the rows that are written next: a word, as a column. */
  setStatus(status: number, statusLength: number): void;

  /**
   * Writes a row; if it `failed`, without the last column, its errors. Returns false, with nothing
   * written, if the record between `start` and `end` is unusual: the caller must write it.
   */
  logRow(start: number, end: number, row: number, line: number, failed: boolean): 0 | 1;

  readonly at: KernelGlobal;
  readonly limit: KernelGlobal;
  readonly lines: KernelGlobal;
  readonly emptyRows: KernelGlobal;
  readonly comments: KernelGlobal;
  readonly fittedRows: KernelGlobal;
  readonly recordStart: KernelGlobal;
  readonly recordEnd: KernelGlobal;
  readonly recordLine: KernelGlobal;
  readonly fieldStarts: KernelGlobal;
  readonly fieldEnds: KernelGlobal;
  readonly fieldFlags: KernelGlobal;
  readonly otherCount: KernelGlobal;
  readonly others: KernelGlobal;
  readonly count: KernelGlobal;
  readonly places: KernelGlobal;
  readonly position: KernelGlobal;
  readonly failed: KernelGlobal;
  readonly good: KernelGlobal;
  readonly out: KernelGlobal;
  readonly suspects: KernelGlobal;
  readonly suspectLine: KernelGlobal;
  readonly repeats: KernelGlobal;
  readonly repeatLine: KernelGlobal;
  readonly begun: KernelGlobal;
}

/** Says where the kernel stands; only the kernel sets it. */
export interface KernelGlobal {
  readonly value: number;
}

export const SIZE = {
  scratch: 131072,
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
  json: 3,
  words: 4,
  integer: 5,
  decimal: 6,
  email: 7,
  url: 8,
  date: 9,
  time: 10,
  timestamp: 11,
  uuid: 12,
  constant: 13,
} as const;
export type Kind = typeof KIND[keyof typeof KIND];

export const MISSING = {
  caller: 0,
  nothing: 1,
  constant: 2,
} as const;
export type Missing = typeof MISSING[keyof typeof MISSING];

export const FORMAT_PART = {
  literal: 0,
  year: 1,
  shortYear: 2,
  month: 3,
  day: 4,
  hour: 5,
  minute: 6,
  second: 7,
  fraction: 8,
  half: 9,
  offset: 10,
  count: 11,
} as const;
export type FormatPart = typeof FORMAT_PART[keyof typeof FORMAT_PART];

export const STEP_KIND = {
  trim: 0,
  squish: 1,
  lower: 2,
  upper: 3,
  title: 4,
  slug: 5,
  prefix: 6,
  suffix: 7,
  split: 8,
  if_null: 9,
  convert: 10,
  replace: 11,
} as const;
export type StepKind = typeof STEP_KIND[keyof typeof STEP_KIND];

export const SLUG_MARK = {
  separator: 0,
  dropped: 1,
  unsure: 2,
} as const;
export type SlugMark = typeof SLUG_MARK[keyof typeof SLUG_MARK];

export const BINARY_TYPE = {
  none: 0,
  text: 1,
  bool: 2,
  int2: 3,
  int4: 4,
  int8: 5,
  float4: 6,
  float8: 7,
  numeric: 8,
  date: 9,
  time: 10,
  timestamp: 11,
  timestamptz: 12,
  uuid: 13,
  jsonb: 14,
} as const;
export type BinaryType = typeof BINARY_TYPE[keyof typeof BINARY_TYPE];

// Structures in the kernel's memory: their length in bytes, and where their fields lie.

export const LEAD = {
  bytes: 16,
  fields: {
    member: { at: 0, type: "u32" },
    place: { at: 4, type: "u32" },
    length: { at: 8, type: "u32" },
    lines: { at: 12, type: "u32" },
  },
} as const;

export const OTHER_KEY = {
  bytes: 12,
  fields: {
    line: { at: 0, type: "u32" },
    length: { at: 4, type: "u32" },
    place: { at: 8, type: "u32" },
  },
} as const;

export const PATH_NODE = {
  bytes: 44,
  fields: {
    field: { at: 0, type: "i32" },
    seen: { at: 4, type: "u32" },
    key: { at: 8, type: "u32" },
    keyLength: { at: 12, type: "u32" },
    position: { at: 16, type: "u32" },
    members: { at: 20, type: "u32" },
    memberCount: { at: 24, type: "u32" },
    items: { at: 28, type: "u32" },
    itemCount: { at: 32, type: "u32" },
    first: { at: 36, type: "u32" },
    next: { at: 40, type: "u32" },
  },
} as const;

export const FIXED_COLUMN = {
  bytes: 8,
  fields: {
    start: { at: 0, type: "u32" },
    end: { at: 4, type: "u32" },
  },
} as const;

export const PLACE = {
  bytes: 16,
  fields: {
    start: { at: 0, type: "u32" },
    end: { at: 4, type: "u32" },
    line: { at: 8, type: "u32" },
    position: { at: 12, type: "u32" },
  },
} as const;

export const AUTOMATON = {
  bytes: 28,
  fields: {
    classes: { at: 0, type: "u32" },
    pages: { at: 4, type: "u32" },
    end: { at: 8, type: "u32" },
    transitions: { at: 12, type: "u32" },
    start: { at: 16, type: "u32" },
    later: { at: 20, type: "u32" },
    startAfter: { at: 24, type: "u32" },
  },
} as const;

export const COLUMN = {
  bytes: 144,
  fields: {
    kind: { at: 0, type: "i32" },
    plainField: { at: 4, type: "i32" },
    fields: { at: 8, type: "u32" },
    fieldCount: { at: 12, type: "u32" },
    separator: { at: 16, type: "u32" },
    separatorLength: { at: 20, type: "u32" },
    isChanged: { at: 24, type: "bool" },
    keepsQuotes: { at: 25, type: "bool" },
    trim: { at: 26, type: "bool" },
    missing: { at: 28, type: "i32" },
    nullsUnquoted: { at: 32, type: "bool" },
    nulls: { at: 36, type: "u32" },
    nullCount: { at: 40, type: "u32" },
    longestNull: { at: 44, type: "i32" },
    steps: { at: 48, type: "u32" },
    stepCount: { at: 52, type: "u32" },
    patterns: { at: 56, type: "u32" },
    patternCount: { at: 60, type: "u32" },
    emptyIsNull: { at: 64, type: "bool" },
    words: { at: 68, type: "u32" },
    wordCount: { at: 72, type: "u32" },
    minLength: { at: 76, type: "u32" },
    maxLength: { at: 80, type: "u32" },
    longestWritten: { at: 84, type: "u32" },
    value: { at: 88, type: "u32" },
    valueLength: { at: 92, type: "u32" },
    hashing: { at: 96, type: "i32" },
    type: { at: 100, type: "i32" },
    recall: { at: 104, type: "u32" },
    asks: { at: 108, type: "bool" },
    isAscii: { at: 109, type: "bool" },
    isPlain: { at: 110, type: "bool" },
    decimal: { at: 111, type: "u8" },
    thousands: { at: 112, type: "u8" },
    formats: { at: 116, type: "u32" },
    formatCount: { at: 120, type: "u32" },
    lowest: { at: 128, type: "f64" },
    highest: { at: 136, type: "f64" },
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

export const FORMAT = {
  bytes: 9,
  fields: {
    parts: { at: 0, type: "u32" },
    partsEnd: { at: 4, type: "u32" },
    twelveHours: { at: 8, type: "bool" },
  },
} as const;

export const STEP = {
  bytes: 20,
  fields: {
    kind: { at: 0, type: "i32" },
    text: { at: 4, type: "u32" },
    length: { at: 8, type: "u32" },
    index: { at: 12, type: "i32" },
    table: { at: 16, type: "u32" },
  },
} as const;

export const LETTERS = {
  bytes: 20,
  fields: {
    lower: { at: 0, type: "u32" },
    upper: { at: 4, type: "u32" },
    lowerBy: { at: 8, type: "u32" },
    upperBy: { at: 12, type: "u32" },
    kinds: { at: 16, type: "u32" },
  },
} as const;

export const RECALL = {
  bytes: 37,
  fields: {
    fields: { at: 0, type: "u32" },
    fieldCount: { at: 4, type: "u32" },
    slots: { at: 8, type: "u32" },
    slotCount: { at: 12, type: "u32" },
    entries: { at: 16, type: "u32" },
    entryBytes: { at: 20, type: "u32" },
    used: { at: 24, type: "u32" },
    lookups: { at: 28, type: "u32" },
    hits: { at: 32, type: "u32" },
    isOff: { at: 36, type: "bool" },
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
