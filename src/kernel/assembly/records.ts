/** The list of a piece's records, for the caller. */

/** How many records were read. */
export let position: u32 = 0;
/** Positions of records to be left out, in ascending order (u32), and how many are still to come. */
export let skipped: usize = 0;
export let skippedCount: u32 = 0;
/** How many were kept, where they are listed (Place), and for how many there is room. */
export let count: u32 = 0;
export let places: usize = 0;
export let capacity: u32 = 0;

@unmanaged
class Place {
  start: u32;
  end: u32;
  /** Line ends before it. */
  line: u32;
  /** Records before it, those included that are left out. */
  position: u32;
}

/** Where the caller has listed a record that is still to be read. */
export function startOfListed(index: u32): usize {
  return changetype<Place>(places + index * offsetof<Place>()).start;
}

export function endOfListed(index: u32): usize {
  return changetype<Place>(places + index * offsetof<Place>()).end;
}

/** Lists a record, unless it is one of those to be left out: then false. */
export function keep(start: usize, end: usize, line: u32): bool {
  if (skippedCount > 0 && load<u32>(skipped) == position) {
    skipped += 4;
    skippedCount--;
    position++;
    return false;
  }
  if (count < capacity) {
    const place = changetype<Place>(places + count * offsetof<Place>());
    place.start = <u32> start;
    place.end = <u32> end;
    place.line = line;
    place.position = position;
  }
  position++;
  count++;
  return true;
}
