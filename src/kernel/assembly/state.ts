/**
 * What the kernel and its caller (../kernel.ts) tell each other. Places are byte addresses in the
 * memory that both share. The caller sets what doesn't change; the rest is where the kernel stands
 * at the moment, which the caller may move.
 */

/** How the source is written: bytes. */
export let delimiter: u8 = 44;
export let newline: u8 = 10;
/** How many fields the header has: the ranges of so many are kept, others only counted. */
export let expectedFields: u32 = 0;
/** Longer records are left to the caller. */
export let maxRecordBytes: u32 = 0;
/** Records that can't be rows are left to the caller; else only those whose end is unclear. */
export let strict: bool = true;

/** The next byte to read, where the bytes end, and whether the source ends there, too. */
export let at: usize = 0;
export let limit: usize = 0;
export let final: bool = true;
/** Physical lines passed so far. */
export let lines: u32 = 0;

/** The record that was read last: its bytes without the line end, and the lines before it. */
export let recordStart: usize = 0;
export let recordEnd: usize = 0;
export let recordLine: u32 = 0;
export let fieldCount: u32 = 0;

/** Where its fields begin and end (u32 each), and FIELD_* as in source/record.ts (u8 each). */
export let fieldStarts: usize = 0;
export let fieldEnds: usize = 0;
export let fieldFlags: usize = 0;

/** The columns to be written (Column, one behind the other). */
export let columns: usize = 0;
export let columnCount: u32 = 0;

/** Rows are written in COPY's binary format; else in its text format. */
export let binary: bool = false;

/** Where the next byte of COPY's rows goes, and what must not be written beyond. */
export let out: usize = 0;
export let outLimit: usize = 0;

// AssemblyScript can't assign to what it imports.

export function moveTo(next: usize): void {
  at = next;
}

/** A piece of which nothing follows. */
export function setPiece(start: usize, end: usize): void {
  at = start;
  limit = end;
  final = true;
  lines = 0;
}

export function countLines(more: u32): void {
  lines += more;
}

export function beginRecord(start: usize): void {
  recordStart = start;
  recordLine = lines;
}

export function endRecord(end: usize, fields: u32): void {
  recordEnd = end;
  fieldCount = fields;
}

export function setOut(next: usize): void {
  out = next;
}
