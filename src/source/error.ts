/**
 * The source as a whole can't be read: it is missing, not text, or changed while it was read. A bad
 * record is a `Defect` instead, and fails alone.
 *
 * The message is one line that says what is wrong and what to do about it.
 */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
}

/** The file is larger than allowed. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";

  constructor(readonly maxBytes: number) {
    super(`The file is larger than the ${maxBytes} bytes that are allowed.`);
  }
}
