/** How far a record can be followed. */

export interface Reach {
  /** The bytes before it may be read. */
  readonly limit: number;
  /** The source ends at the limit. */
  readonly final: boolean;
  /** The record would be too long if it went on after the limit. */
  readonly isLongest: boolean;
}

/** In place of an index: the bytes don't show the record's end, but the source goes on. */
export const UNDECIDED = -1;
/** In place of an index: the record is longer than a record may be. */
export const TOO_LONG = -2;

/** `end`: of the bytes at hand; `isLast`: the source ends there. */
export function reachFrom(
  start: number,
  maxRecordBytes: number,
  end: number,
  isLast: boolean,
): Reach {
  const longest = start + maxRecordBytes;
  const isLongest = end >= longest;
  return { limit: Math.min(end, longest), final: isLast && !isLongest, isLongest };
}
