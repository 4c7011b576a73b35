/**
 * The source as a whole can't be read: it is missing, not text, or changed while it was read. A bad
 * record is a `Defect` instead, and fails alone.
 *
 * The message is one line that says what is wrong and what to do about it.
 */
export class SourceError extends Error {
  override readonly name: string = "SourceError";
  readonly choice?: SourceChoice;

  constructor(message: string, options: ErrorOptions & { readonly choice?: SourceChoice } = {}) {
    super(message, options);
    if (options.choice !== undefined) this.choice = options.choice;
  }
}

/** Storage can't be written to; the user's file is not the cause. */
export class StorageError extends SourceError {
  override readonly name: string = "StorageError";
}

/** A file that was stored in a bucket, or whose address was given, isn't there. */
export class NoSuchObject extends SourceError {
  // For those who show it, it is like any other.
  override readonly name: string = "SourceError";
}

/** This machine has no credentials for where the file is, or they don't allow it: others may have. */
export class NoAccess extends SourceError {
  // For those who show it, it is like any other.
  override readonly name: string = "SourceError";
}

/** Several parts of the file could be meant: the definition's source, or a request, has to name one. */
export interface SourceChoice {
  readonly setting: "sheet" | "member" | "records";
  readonly names: readonly string[];
}

/** The file is larger than allowed. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";

  constructor(readonly maxBytes: number) {
    super(`The file is larger than the ${maxBytes} bytes that are allowed.`);
  }
}
