/** What copies in storage are called, on a disk or in a bucket. */

/** `spool` gives every copy a random UUID as its name, and the extension of the original. */
const COPY = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(\.[^.]*)?$/u;

export function isCopyName(name: string): boolean {
  return COPY.test(name);
}

export interface StoredCopy {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}
