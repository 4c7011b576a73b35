/** How the caller describes the columns that are to be written (../columns.ts fills these in). */

/** What is done with a field; JS: the caller does it. */
export const JS: u32 = 0;
export const TEXT: u32 = 1;
/** One of the words, as it is written there. */
export const ONE_OF: u32 = 2;
/** One of the words, in any case: what stands beside it is written. */
export const WORDS: u32 = 3;
export const INTEGER: u32 = 4;
export const DECIMAL: u32 = 5;
export const EMAIL: u32 = 6;
export const DATE: u32 = 7;
export const TIMESTAMP: u32 = 8;
export const UUID: u32 = 9;
/** The same for all rows. */
export const CONSTANT: u32 = 10;

/** How a key's value is hashed; by the caller, or … */
export const BY_CALLER: u32 = 0;
/** … without case and outer blanks, or … */
export const FOLDED: u32 = 1;
/** … as it is written. */
export const PLAIN: u32 = 2;

@unmanaged
export class Column {
  kind: u32;
  field: u32;
  /** Outer blanks don't count. */
  trim: u32;
  /** A null value is written as `\N`; else the caller says what becomes of it. */
  nullPasses: u32;
  /** Words that mean null, and how long the longest is (-1: there are none). */
  nulls: usize;
  nullCount: u32;
  longestNull: i32;
  words: usize;
  wordCount: u32;
  /** TEXT: characters. Others: bytes. More are for the caller to judge. */
  maxLength: u32;
  /** CONSTANT: as COPY gets it. */
  value: usize;
  valueLength: u32;
  hashing: u32;
  /** TEXT: characters. Fewer are for the caller to judge. */
  minLength: u32;
  /** What the value is in the table: for COPY's binary format (binary.ts). */
  type: u32;
  /** Numbers beyond these are for the caller to judge. */
  lowest: f64;
  highest: f64;
}

@unmanaged
export class Word {
  bytes: usize;
  length: u32;
  /** What is written for it. */
  meaning: usize;
  meaningLength: u32;
}
