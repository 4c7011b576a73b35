/**
 * Characters that a pattern can't tell apart are one class. A pattern has few of them, so its automaton
 * has few transitions.
 */
import { type CharSet, LAST } from "./char_set.ts";

/**
 * The class of each character of the BMP, as UTF-8 divides them: the last byte of a character says
 * where it is in its page of 64, the bytes before it which page that is.
 */
export interface CharClasses {
  /** How many there are. */
  readonly count: number;
  /** The classes of the characters of each page. The first two are those of ASCII. */
  readonly classes: Uint8Array;
  /** Where each page begins in `classes`. */
  readonly pages: Uint16Array;
  /** For each set: does it have the characters of a class? */
  readonly members: readonly Uint8Array[];
}

const PAGE = 64;
const PAGES = (LAST + 1) / PAGE;
const ASCII_PAGES = 2;
const MOST_CLASSES = 255;

/** The coarsest classes that the sets are made of. Null if there are more than 255. */
export function charClasses(sets: readonly CharSet[]): CharClasses | null {
  // Between two of these, no set begins or ends.
  const bounds = [...new Set([0, ...sets.flatMap(boundsOf)])].sort((a, b) => a - b);
  const classOf = new Array<number>(bounds.length).fill(0);
  let count = 1;
  for (const set of sets) {
    const split = new Map<number, number>();
    eachInterval(bounds, set, (interval, isIn) => {
      const key = 2 * classOf[interval] + (isIn ? 1 : 0);
      let part = split.get(key);
      if (part === undefined) split.set(key, part = split.size);
      classOf[interval] = part;
    });
    count = split.size;
    if (count > MOST_CLASSES) return null;
  }
  const members = sets.map((set) => {
    const has = new Uint8Array(count);
    eachInterval(bounds, set, (interval, isIn) => has[classOf[interval]] = isIn ? 1 : 0);
    return has;
  });
  return { count, members, ...inPages(bounds, classOf) };
}

function boundsOf(set: CharSet): number[] {
  const bounds = set.map((point, index) => index % 2 === 0 ? point : point + 1);
  return bounds.filter((bound) => bound <= LAST);
}

/** `bounds`: those of the set, and maybe others. */
function eachInterval(
  bounds: readonly number[],
  set: CharSet,
  look: (interval: number, isIn: boolean) => void,
): void {
  let range = 0;
  for (const [interval, first] of bounds.entries()) {
    while (range < set.length && set[range + 1] < first) range += 2;
    look(interval, range < set.length && set[range] <= first);
  }
}

/** Pages whose characters are of one class, as most of them are, are stored once for each class. */
function inPages(
  bounds: readonly number[],
  classOf: readonly number[],
): Pick<CharClasses, "classes" | "pages"> {
  const flat = new Uint8Array(LAST + 1);
  const isMixed = new Uint8Array(PAGES);
  for (const [interval, first] of bounds.entries()) {
    flat.fill(classOf[interval], first, bounds[interval + 1] ?? LAST + 1);
    if (first % PAGE !== 0) isMixed[Math.floor(first / PAGE)] = 1;
  }
  const pages = new Uint16Array(PAGES);
  const stored: number[] = [];
  const uniform = new Map<number, number>();
  for (let page = 0; page < PAGES; page++) {
    const own = flat[page * PAGE];
    const mayShare = page >= ASCII_PAGES && isMixed[page] === 0;
    const place = mayShare ? uniform.get(own) : undefined;
    pages[page] = PAGE * (place ?? stored.length);
    if (place !== undefined) continue;
    if (mayShare) uniform.set(own, stored.length);
    stored.push(page);
  }
  const classes = new Uint8Array(PAGE * stored.length);
  for (const [place, page] of stored.entries()) {
    classes.set(flat.subarray(page * PAGE, (page + 1) * PAGE), place * PAGE);
  }
  return { classes, pages };
}
