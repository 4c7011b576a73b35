/** How the caller describes the columns to be written (../columns.ts fills these in). */
import { BinaryType } from "./binary_type";

/** How a field is written. The names of values are those of row/byte_rule.ts. */
export const enum Kind {
  /** The caller writes the column. */
  caller,
  text,
  /** One of the words, written unchanged. */
  one_of,
  json,
  /** One of the words, in any case: its meaning is written. */
  words,
  integer,
  decimal,
  email,
  url,
  date,
  time,
  timestamp,
  uuid,
  /** The same for all rows. */
  constant,
}

/** How a key's value is hashed. */
export const enum Hashing {
  /** The caller hashes it. */
  caller,
  /** Hashed without case and outer blanks. */
  folded,
  /** Hashed as it is written. */
  plain,
}

/** What is written if there is no value. */
export const enum Missing {
  /** The caller writes it. */
  caller,
  /** Null is written. */
  nothing,
  /** The constant below. */
  constant,
}

@unmanaged
export class Column {
  kind: Kind;
  /** The number of the field that is the value as it is (plain.ts); -1 if there is more to do. */
  plainField: i32;
  /** The numbers of the fields (u32 each). If there are several, a separator stands between them. */
  fields: usize;
  fieldCount: u32;
  separator: usize;
  separatorLength: u32;
  /** The text is not one field as it is: there are steps, or several fields. */
  isChanged: bool;
  /** Quotes around a field belong to its value. */
  keepsQuotes: bool;
  /** Outer blanks are removed. */
  trim: bool;
  missing: Missing;
  /** The words below mean null only where they are not in quotes. */
  nullsUnquoted: bool;
  /** Words that mean null, and the length of the longest (-1 if there are none). */
  nulls: usize;
  nullCount: u32;
  longestNull: i32;
  /** The steps that change the text (Step), one after the other. */
  steps: usize;
  stepCount: u32;
  /** Regular expressions (the place of an Automaton, u32 each). The caller judges other texts. */
  patterns: usize;
  patternCount: u32;
  /** A text that a step leaves empty is no value. */
  emptyIsNull: bool;
  words: usize;
  wordCount: u32;
  /** In characters. The caller judges texts that are shorter or longer. */
  minLength: u32;
  maxLength: u32;
  /** In bytes. The caller judges values that are written with more. */
  longestWritten: u32;
  /** The constant, as COPY gets it. */
  value: usize;
  valueLength: u32;
  hashing: Hashing;
  /** The type of the table's column, for COPY's binary format. */
  type: BinaryType;
  /** What the caller has written for the same fields before (Recall); 0: it is always asked. */
  recall: usize;
  /** In this batch, the caller writes something else: nothing is recalled. */
  asks: bool;
  /** The caller judges texts that are not ASCII. */
  isAscii: bool;
  /** Canonical values are values of the column. */
  isPlain: bool;
  /** For numbers: the separators. None is a byte that isn't ASCII. */
  decimal: u8;
  thousands: u8;
  /** For dates and times: the formats (Format), one after the other. None: they are in ISO 8601. */
  formats: usize;
  formatCount: u32;
  /** The caller judges numbers outside these bounds. */
  lowest: f64;
  highest: f64;
}

@unmanaged
export class Word {
  bytes: usize;
  length: u32;
  /** The text that is written for the word. */
  meaning: usize;
  meaningLength: u32;
}
