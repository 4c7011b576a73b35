/**
 * What stands between two values of an object is nearly always what stood there in the record before:
 * `,"name":`. So it is noted, with the member that comes then, and compared 16 bytes at a time.
 */
import { Lead, PathNode } from "./json_paths";
import { VECTOR, within } from "./vectors";

/** Longer ones are not noted. There is room for them in ../set_json.ts. */
const LONGEST_LEAD: usize = 64;

/** Do its bytes stand at `place`, and something behind them? */
// @ts-ignore: decorator
@inline
export function stands(lead: Lead, place: usize, end: usize): bool {
  const length = <usize> lead.length;
  if (length == 0 || place + length >= end) return false;
  const first = within(0, length);
  if ((equal(place, lead.place) & first) != first) return false;
  return length <= VECTOR || restStands(lead, place, length);
}

function restStands(lead: Lead, place: usize, length: usize): bool {
  for (let i = VECTOR; i < length; i += VECTOR) {
    const wanted = within(i, length);
    if ((equal(place + i, lead.place + i) & wanted) != wanted) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function equal(one: usize, other: usize): i32 {
  return i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other)));
}

/** Notes that these bytes come before a value of the member. `lines`: the line ends in them. */
export function noteLead(lead: Lead, from: usize, to: usize, lines: u32, member: PathNode): void {
  lead.length = 0;
  if (to - from > LONGEST_LEAD) return;
  memory.copy(lead.place, from, to - from);
  lead.length = <u32> (to - from);
  lead.lines = lines;
  lead.member = changetype<usize>(member);
}
