/** What is written: COPY's rows, or a value that is hashed. */

/** Where the next byte goes. */
export let out: usize = 0;
/** Rows are written in COPY's binary format; else in its text format. */
export let binary: bool = false;

/** What is written next goes here. */
export function setOut(next: usize): void {
  out = next;
}

/** The caller has written so many bytes at `out`. */
export function wrote(bytes: u32): void {
  out += bytes;
}

export function setBinary(isBinary: bool): void {
  binary = isBinary;
}
