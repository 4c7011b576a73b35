import type { Bounds, ByteValue } from "../byte_rule.ts";

/** A type's rules for values, compiled for one column. */
export interface ValueProgram {
  /** The text as Postgres gets it, the same for equal values; null if it is not of the type. */
  readonly parse: (text: string) => string | null;
  /** Completes "The age field …" when `parse` returns null. */
  readonly expectation: string;
  /** Values that the kernel writes exactly as `parse` would; null if there are none. */
  readonly bytes: ByteValue | null;
}

/** Types set no bounds; the checks do. */
export const UNBOUNDED: Bounds = { lowest: -Infinity, highest: Infinity };
