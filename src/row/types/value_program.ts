import type { CopyWriter } from "../copy_writer.ts";

/** What a type knows about values, compiled for one column. */
export interface ValueProgram {
  /** The text in the form that Postgres gets, the same for equal values; null if it isn't of the type. */
  readonly parse: (text: string) => string | null;
  /** Completes "The age field …" when `parse` returns null. */
  readonly expectation: string;
  /**
   * Appends what `parse` would return, straight from the bytes of an ASCII value, and returns
   * true; or writes nothing and returns false when it isn't sure. Null: there is no such way.
   */
  readonly copy: CopyBytes | null;
}

export type CopyBytes = (
  bytes: Uint8Array,
  start: number,
  end: number,
  out: CopyWriter,
) => boolean;

/** For types in which the usual spelling is the canonical one: bytes that pass go through as they are. */
export function copyIf(
  canonical: (bytes: Uint8Array, start: number, end: number) => boolean,
): CopyBytes {
  return (bytes, start, end, out) => {
    if (!canonical(bytes, start, end)) return false;
    out.bytes(bytes, start, end);
    return true;
  };
}
