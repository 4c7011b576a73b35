import { type Dialect, passCarriageReturns } from "./dialect.ts";
import { type Reach, UNDECIDED } from "./reach.ts";

/**
 * The index after the line at `i` if it is empty, and so no record; else `i`. UNDECIDED if the bytes
 * don't show it. A CR alone is an empty line only at the very end, where the LF is missing.
 */
export function passEmptyLine(
  dialect: Dialect,
  bytes: Uint8Array,
  i: number,
  { limit, final, isLongest }: Reach,
): number {
  if (bytes[i] === dialect.newline) return i + 1;
  const lineEnd = passCarriageReturns(dialect, bytes, i, limit);
  if (lineEnd === i) return i;
  if (lineEnd < limit) return lineEnd + 1;
  if (final) return limit;
  return isLongest ? i : UNDECIDED;
}
