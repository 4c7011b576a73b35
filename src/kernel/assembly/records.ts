/** The list of a piece's records, for the caller. */
import { at, moveTo, setLines } from "./source";

/** How many records were read. */
export let position: u32 = 0;
/** How many were kept, the list of their places (Place), and how many it has room for. */
export let count: u32 = 0;
export let places: usize = 0;
export let capacity: u32 = 0;

/** The positions of records to leave out (u32, ascending), and how many are still to come. */
let skipped: usize = 0;
let skippedCount: u32 = 0;

@unmanaged
export class Place {
  start: u32;
  end: u32;
  /** The number of line ends before the record. */
  line: u32;
  /** The number of records before it, including those that are left out. */
  position: u32;
}

export function setPlaces(list: usize, room: u32): void {
  places = list;
  capacity = room;
}

/** Starts again: no record was read, and none is to be left out. */
export function clearRecords(): void {
  position = 0;
  count = 0;
  skippedCount = 0;
}

/** Leaves out the records at these positions (u32 each, ascending). */
export function leaveOut(positions: usize, length: u32): void {
  skipped = positions;
  skippedCount = length;
}

/** Lists a record. Returns false if it is one of those to leave out. */
export function keep(start: usize, end: usize, line: u32): bool {
  if (skippedCount > 0 && load<u32>(skipped) == position) {
    skipped += 4;
    skippedCount--;
    position++;
    return false;
  }
  if (count < capacity) {
    const place = placeOf(count);
    place.start = <u32> start;
    place.end = <u32> end;
    place.line = line;
    place.position = position;
  }
  position++;
  count++;
  return true;
}

/**
 * Lists the record at `at`, which the caller has read, and continues after it: at `next`, with
 * `nextLine` lines before that. Returns false if the record is one of those to leave out.
 */
export function takeRecord(
  start: usize,
  end: usize,
  line: u32,
  next: usize,
  nextLine: u32,
): bool {
  passBytes(next, nextLine);
  return keep(start, end, line);
}

/** Continues at `next`, with `nextLine` lines before that. There is no record up to there. */
export function passBytes(next: usize, nextLine: u32): void {
  moveTo(next);
  setLines(nextLine);
}

/** Call it after moving all bytes: those of the listed records and those still to be read. */
export function moveRecords(by: i32): void {
  moveTo(at + by);
  for (let record: u32 = 0; record < count; record++) {
    const place = placeOf(record);
    place.start += by;
    place.end += by;
  }
}

/** Where a record begins that the caller has listed and that is still to be read. */
export function startOfListed(record: u32): usize {
  return placeOf(record).start;
}

export function endOfListed(record: u32): usize {
  return placeOf(record).end;
}

// @ts-ignore: decorator
@inline
function placeOf(record: u32): Place {
  return changetype<Place>(places + record * offsetof<Place>());
}
