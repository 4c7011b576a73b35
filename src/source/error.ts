/**
 * The source as a whole can't be read: missing, not text, changed while it was read. Bad records
 * are not this; they fail alone, as a `Defect`.
 *
 * The message is one line that says what is wrong and what to do about it.
 */
export class SourceError extends Error {
  override readonly name = "SourceError";
}
