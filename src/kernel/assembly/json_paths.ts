/** Where the fields of a JSON record are (../set_json.ts fills these in), and what it has besides. */
@unmanaged
export class PathNode {
  /** The number of the field that the value is; -1 if it only contains some. */
  field: i32;
  /** The record in which it was seen last. */
  seen: u32;
  /** The key, in the bytes that a file has for it. */
  key: usize;
  keyLength: u32;
  /** The position in an array. */
  position: u32;
  /** The members of an object that lead to fields (PathNode, one after the other). */
  members: usize;
  memberCount: u32;
  /** The elements of an array that do, by their positions. */
  items: usize;
  itemCount: u32;
  /** What stood before an object's first value, and what behind this value. */
  first: usize;
  next: usize;
}

/** Bytes that stood before a value, behind the one before it (json_leads.ts). */
@unmanaged
export class Lead {
  /** The member whose value it was (PathNode). */
  member: usize;
  /** The bytes and how many they are; 0 if nothing is known yet. */
  place: usize;
  length: u32;
  /** The line ends among them. */
  lines: u32;
}

/** A key of a record that leads to no field. */
@unmanaged
export class OtherKey {
  /** The lines before the first record that has it. */
  line: u32;
  length: u32;
  /** Its bytes. */
  place: usize;
}

/** Longer ones are left to the caller. */
const LONGEST_OTHER: u32 = 64;
const MOST_OTHERS: u32 = 100;

/** 0 if the records aren't JSON. */
export let root: usize = 0;
/** Each line is a record. */
export let isLines: bool = false;
/** The keys that were met first in this piece or before it, in the order of their records. */
export let others: usize = 0;
export let otherCount: u32 = 0;
/** Marks what was seen in the record that is read. */
export let mark: u32 = 0;

/**
 * The source has JSON records, whose fields are found from `rootNode` (PathNode) on. `otherKeys`: room
 * for 100 keys that lead to no field (OtherKey, and 64 bytes each).
 */
export function setJson(rootNode: usize, hasLines: bool, otherKeys: usize): void {
  root = rootNode;
  isLines = hasLines;
  others = otherKeys;
  otherCount = 0;
}

export function noJson(): void {
  root = 0;
}

export function beginMarks(): void {
  mark++;
}

/** Takes back keys of a record that can't be read after all. */
export function keepOthers(count: u32): void {
  otherCount = count;
}

/** Notes a key, unless it is known. Returns false if the caller has to do it. */
export function noteOther(key: usize, length: u32, line: u32): bool {
  for (let i: u32 = 0; i < otherCount; i++) {
    const known = changetype<OtherKey>(others + i * offsetof<OtherKey>());
    if (known.length == length && memory.compare(known.place, key, length) == 0) return true;
  }
  if (otherCount == MOST_OTHERS) return true;
  if (length > LONGEST_OTHER) return false;
  const other = changetype<OtherKey>(others + otherCount * offsetof<OtherKey>());
  other.line = line;
  other.length = length;
  other.place = others + MOST_OTHERS * offsetof<OtherKey>() + otherCount * LONGEST_OTHER;
  memory.copy(other.place, key, length);
  otherCount++;
  return true;
}
