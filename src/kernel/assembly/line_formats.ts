/** Formats in which a record is a line, and nothing in it is quoted. */

/** Where a column of fixed width begins and ends, in characters. */
@unmanaged
export class FixedColumn {
  start: u32;
  /** The largest number if it ends with the line. */
  end: u32;
}

/** The columns (FixedColumn, one after the other); 0 if none have a fixed width. */
export let columns: usize = 0;
/** In characters: what a line has to have at least, and may have at most. */
export let leastLength: usize = 0;
export let mostLength: usize = 0;
/** Blanks around values are data. */
export let keepsBlanks: bool = false;
/** The byte with which a comment begins; -1 if there are none. */
export let lineComment: i32 = -1;

/** The byte between COPY's values; 0 if the records are not COPY's. */
export let copyDelimiter: u8 = 0;

/** The records are lines whose columns have a fixed width. To be called after setSource. */
export function setFixed(list: usize, least: u32, most: u32, keepBlanks: bool, commentByte: i32): void {
  columns = list;
  leastLength = least;
  mostLength = most;
  keepsBlanks = keepBlanks;
  lineComment = commentByte;
}

/** The records are rows as COPY writes them in its text format. To be called after setSource. */
export function setCopyText(delimiterByte: u8): void {
  copyDelimiter = delimiterByte;
}

export function noLines(): void {
  columns = 0;
  copyDelimiter = 0;
}
