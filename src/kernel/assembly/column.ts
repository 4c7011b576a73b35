/** How the caller describes the columns to be written (../columns.ts fills these in). */
import { BinaryType } from "./binary";

/** What is done with a field. The names of values are those of row/byte_rule.ts. */
export const enum Kind {
  /** The caller writes the column. */
  caller,
  text,
  /** One of the words, as it is written there. */
  one_of,
  /** One of the words, in any case: what stands beside it is written. */
  words,
  integer,
  decimal,
  email,
  date,
  timestamp,
  uuid,
  /** The same for all rows. */
  constant,
}

/** How a key's value is hashed. */
export const enum Hashing {
  /** The caller hashes it. */
  caller,
  /** Without case and outer blanks. */
  folded,
  /** As it is written. */
  plain,
}

@unmanaged
export class Column {
  kind: Kind;
  field: u32;
  /** Outer blanks don't count. */
  trim: bool;
  /** A null value is written as `\N`; else the caller says what becomes of it. */
  nullPasses: bool;
  /** Words that mean null, and how long the longest is (-1: there are none). */
  nulls: usize;
  nullCount: u32;
  longestNull: i32;
  words: usize;
  wordCount: u32;
  /** Of a text: characters. Of others: bytes. More are for the caller to judge. */
  maxLength: u32;
  /** Of a constant: as COPY gets it. */
  value: usize;
  valueLength: u32;
  hashing: Hashing;
  /** Of a text: characters. Fewer are for the caller to judge. */
  minLength: u32;
  /** What the value is in the table: for COPY's binary format. */
  type: BinaryType;
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
