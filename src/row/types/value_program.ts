import type { Bounds, ByteValue } from "../byte_rule.ts";

/** What a type knows about values, compiled for one column. */
export interface ValueProgram {
  /** The text in the form that Postgres gets, the same for equal values; null if it isn't of the type. */
  readonly parse: (text: string) => string | null;
  /** Completes "The age field …" when `parse` returns null. */
  readonly expectation: string;
  /** Which values `parse` would return as they are, or how else they are written; null: none. */
  readonly bytes: ByteValue | null;
}

/** What a number may be is for checks to say. */
export const UNBOUNDED: Bounds = { lowest: -Infinity, highest: Infinity };
