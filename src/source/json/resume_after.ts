/**
 * Where the next element of an array begins after one that is no JSON. Its brackets and quotes can't
 * be trusted, but the lines can: most programs begin each element on a line of its own.
 */
import { isBlank, LF, OPEN_OBJECT, passBlanks, QUOTE, SPACE, TAB } from "./bytes.ts";

/** Longer keys are not looked for. */
const LONGEST_KEY = 200;

/**
 * The index of the line end before the next line that begins as the broken element does: with the
 * same blanks, an object, and its first key; -1 if there is none before the limit. `from`: where the
 * search for the element has begun; `at`: where it shows that it is broken.
 */
export function anotherRecord(
  bytes: Uint8Array,
  from: number,
  start: number,
  at: number,
  limit: number,
): number {
  const indent = indentBefore(bytes, from, start);
  if (indent === -1) return -1;
  const key = bytes[start] === OPEN_OBJECT ? firstKey(bytes, start, limit) : null;
  let lineEnd = Math.min(at, limit);
  while (lineEnd > start && bytes[lineEnd] !== LF) lineEnd--;
  if (lineEnd === start) lineEnd = nextLf(bytes, start, limit);
  for (; lineEnd !== -1; lineEnd = nextLf(bytes, lineEnd + 1, limit)) {
    const begin = lineEnd + 1 + indent;
    if (begin >= limit || bytes[begin] !== OPEN_OBJECT) continue;
    if (!isSame(bytes, start - indent, lineEnd + 1, indent)) continue;
    const other = firstKey(bytes, begin, limit);
    if (other === null || (key !== null && !equal(bytes, key, other))) continue;
    return lineEnd;
  }
  return -1;
}

/** How many blanks stand between the beginning of the line and `start`; -1 if anything else does. */
function indentBefore(bytes: Uint8Array, from: number, start: number): number {
  let i = start;
  while (i > from && (bytes[i - 1] === SPACE || bytes[i - 1] === TAB)) i--;
  return i > from && bytes[i - 1] === LF ? start - i : -1;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function firstKey(bytes: Uint8Array, start: number, limit: number): Range | null {
  const from = passBlanks(bytes, start + 1, limit) + 1;
  if (from > limit || bytes[from - 1] !== QUOTE) return null;
  const farthest = Math.min(limit, from + LONGEST_KEY);
  for (let i = from; i < farthest; i++) {
    if (bytes[i] === QUOTE) return { from, to: i };
    if (isBlank(bytes[i]) && bytes[i] !== SPACE) return null;
  }
  return null;
}

function equal(bytes: Uint8Array, one: Range, other: Range): boolean {
  const length = one.to - one.from;
  return length === other.to - other.from && isSame(bytes, one.from, other.from, length);
}

function isSame(bytes: Uint8Array, one: number, other: number, length: number): boolean {
  for (let k = 0; k < length; k++) if (bytes[one + k] !== bytes[other + k]) return false;
  return true;
}

function nextLf(bytes: Uint8Array, from: number, limit: number): number {
  for (let i = from; i < limit; i++) if (bytes[i] === LF) return i;
  return -1;
}
