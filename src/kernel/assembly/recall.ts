/**
 * Recalls what the caller has written for a column, by the bytes of its fields. Most columns have few
 * different values, and then the caller is asked for each of them once. Only what depends on nothing
 * but these bytes can be recalled.
 */
import { putPlain } from "./copy";
import { out } from "./output";
import { fieldEnds, fieldFlags, fieldStarts } from "./source";

/** A column's known. It begins again when it is full. */
@unmanaged
export class Recall {
  /** The numbers of the fields that make the value (u32 each). */
  fields: usize;
  fieldCount: u32;
  /** The places of entries (u32 each), by their hash; 0 for none. There are 2^n of them. */
  slots: usize;
  slotCount: u32;
  /** The room for entries, and how much of it is used. */
  entries: usize;
  entryBytes: u32;
  used: u32;
  /** How many values were looked for since the last judgement, and how many were there. */
  lookups: u32;
  hits: u32;
  /** Too few were there: it isn't worth looking. */
  isOff: bool;
}

/*
 * An entry: the hash (u32), the length of what was written (u32); for each field its flags (u8), its
 * length (u32) and its bytes; what was written.
 */
const HEAD: usize = 8, FIELD_HEAD: usize = 5;
/** An entry is in one of so many slots. */
const PROBES: u32 = 8;
/** Longer values are rarely the same. */
const LONGEST: usize = 512;
/** How many lookups are judged together. If fewer than one in four finds its value, it ends. */
const JUDGED: u32 = 4096;

const P1: u64 = 0x9e3779b185ebca87, P2: u64 = 0xc2b2ae3d27d4eb4f;

/** What `recall` looked for in vain: the memory (0: none), the hash and the bytes of the key. */
let missed: usize = 0;
let missedHash: u32 = 0;
let missedBytes: usize = 0;

/** No value is missing from a memory: `remember` does nothing. */
export function forgetMissed(): void {
  missed = 0;
}

/**
 * Writes what was written for the same fields before. False if that isn't known, or has more than
 * `room` bytes.
 */
export function recall(place: usize, room: usize): bool {
  missed = 0;
  const known = changetype<Recall>(place);
  if (known.isOff) return false;
  if (known.lookups == JUDGED) {
    known.isOff = known.hits < JUDGED >> 2;
    known.lookups = 0;
    known.hits = 0;
  }
  known.lookups++;
  let hash: u64 = P1;
  let bytes: usize = 0;
  for (let f: u32 = 0; f < known.fieldCount; f++) {
    const field = load<u32>(known.fields + (f << 2));
    const start: usize = load<u32>(fieldStarts + (field << 2));
    const end: usize = load<u32>(fieldEnds + (field << 2));
    bytes += FIELD_HEAD + end - start;
    if (bytes > LONGEST) return false;
    hash = mix(hash, ((end - start) << 8) | load<u8>(fieldFlags + field));
    for (let i = start; i < end; i += 8) hash = mix(hash, masked(i, end));
  }
  const short = <u32> (hash ^ (hash >> 32));
  const mask = known.slotCount - 1;
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const entry: usize = load<u32>(known.slots + (((short + probe) & mask) << 2));
    if (entry == 0) break;
    if (load<u32>(entry) != short) continue;
    const value = valueOf(known, entry);
    if (value == 0) continue;
    const length: usize = load<u32>(entry + 4);
    if (length > room) return false;
    putPlain(value, value + length);
    known.hits++;
    return true;
  }
  missed = place;
  missedHash = short;
  missedBytes = bytes;
  return false;
}

/** Keeps what was written, from `from` to `out`, for the fields that were looked for last. */
export function remember(from: usize): void {
  if (missed == 0) return;
  const known = changetype<Recall>(missed);
  missed = 0;
  const length = out - from;
  const size = HEAD + missedBytes + length;
  if (length > LONGEST || size > known.entryBytes) return;
  if (known.used + size > known.entryBytes) clear(known);
  const slot = freeSlot(known);
  if (slot == 0) return;
  let to = known.entries + known.used;
  known.used += <u32> size;
  store<u32>(slot, <u32> to);
  store<u32>(to, missedHash);
  store<u32>(to + 4, <u32> length);
  to += HEAD;
  for (let f: u32 = 0; f < known.fieldCount; f++) {
    const field = load<u32>(known.fields + (f << 2));
    const start: usize = load<u32>(fieldStarts + (field << 2));
    const bytes: usize = load<u32>(fieldEnds + (field << 2)) - start;
    store<u8>(to, load<u8>(fieldFlags + field));
    store<u32>(to + 1, <u32> bytes);
    memory.copy(to + FIELD_HEAD, start, bytes);
    to += FIELD_HEAD + bytes;
  }
  memory.copy(to, from, length);
}

/** The place of what was written, if the entry is for the fields of the record; else 0. */
function valueOf(known: Recall, entry: usize): usize {
  let at = entry + HEAD;
  for (let f: u32 = 0; f < known.fieldCount; f++) {
    const field = load<u32>(known.fields + (f << 2));
    const start: usize = load<u32>(fieldStarts + (field << 2));
    const end: usize = load<u32>(fieldEnds + (field << 2));
    if (load<u8>(at) != load<u8>(fieldFlags + field)) return 0;
    if (load<u32>(at + 1) != end - start) return 0;
    at += FIELD_HEAD;
    const past = at + (end - start);
    for (let i = start; i < end; i += 8, at += 8) {
      if (masked(i, end) != masked(at, past)) return 0;
    }
    at = past;
  }
  return at;
}

function freeSlot(known: Recall): usize {
  const mask = known.slotCount - 1;
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const slot = known.slots + (((missedHash + probe) & mask) << 2);
    if (load<u32>(slot) == 0) return slot;
  }
  return 0;
}

export function forgetAll(place: usize): void {
  clear(changetype<Recall>(place));
}

function clear(known: Recall): void {
  memory.fill(known.slots, 0, known.slotCount << 2);
  known.used = 0;
}

/** The next eight bytes, or as many as there are. */
// @ts-ignore: decorator
@inline
function masked(from: usize, to: usize): u64 {
  const word = load<u64>(from);
  const left = to - from;
  return left < 8 ? word & ((<u64> 1 << (left << 3)) - 1) : word;
}

// @ts-ignore: decorator
@inline
function mix(hash: u64, word: u64): u64 {
  return rotl<u64>(hash ^ (word * P2), 31) * P1;
}
