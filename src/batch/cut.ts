/** Cuts a source into batches, from windows of its bytes. Pure: the caller reads and writes. */
import type { BoundaryScanner } from "../source/boundaries.ts";

export interface BatchLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** A batch's extent. Offsets are relative to the window's first byte. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly lines: number;
}

/**
 * The next batch in `window` from `start`, or null if the window ends before it does (and is not
 * the source's last). Empty lines at the source's end belong to the last batch; a cut of only
 * empty lines has no rows.
 */
export function cutBatch(
  scanner: BoundaryScanner,
  window: Uint8Array,
  start: number,
  limits: BatchLimits,
  isLast: boolean,
): Cut | null {
  if (start >= window.length) return null;
  scanner.advance(window, start, limits.rows, limits.bytes, isLast);
  if (scanner.needMore) return null;
  return { start, end: scanner.end, rows: scanner.rows, lines: scanner.lines };
}
