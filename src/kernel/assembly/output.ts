/** The output: COPY's rows, or a value that is hashed. */

/** Where the next byte goes. */
export let out: usize = 0;
/** True: rows are written in COPY's binary format. False: in its text format. */
export let binary: bool = false;

/** Sets where the next byte goes. */
export function setOut(next: usize): void {
  out = next;
}

/** Says how many bytes the caller has written at `out`. */
export function wrote(bytes: u32): void {
  out += bytes;
}

export function setBinary(isBinary: bool): void {
  binary = isBinary;
}
