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

/**
 * Where a value must end that the room for a row (encode.ts) makes no allowance for, because it isn't
 * as long as its field.
 */
export let valueLimit: usize = 0;

export function setValueLimit(limit: usize): void {
  valueLimit = limit;
}

export function setBinary(isBinary: bool): void {
  binary = isBinary;
}
