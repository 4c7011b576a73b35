/**
 * The source as a whole can't be read: missing, not text, changed while it was read. Bad records
 * are not this; they fail alone, as a `Defect`.
 *
 * The message is one line that says what is wrong and what to do about it.
 */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
}

/** A file that is larger than may be taken in. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";

  constructor(readonly maxBytes: number) {
    super(`The file is larger than the ${maxBytes} bytes that are allowed.`);
  }
}
