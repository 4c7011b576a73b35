/**
 * Cuts batches and hashes the keys of their records, for the planner: rows that share a key with
 * an earlier one have to wait. Values are written as `encode` would, and hashed from there.
 */
import { BY_CALLER, Column, FOLDED } from "./column";
import { addBytes, addNull, beginHash, endHash } from "./hash";
import { END, nextRecord, RECORD, skipEmptyLines } from "./reader";
import { count, keep } from "./records";
import { at, limit, out, recordEnd, recordLine, recordStart, setOut } from "./state";
import { isBlank, writeColumn } from "./write";

/** Besides END, INCOMPLETE and UNUSUAL (reader.ts): the keys of the record are the caller's. */
const KEYS: i32 = 4;
/** The batch is complete. */
const ENOUGH: i32 = 5;

const NULL_LENGTH: usize = 2;
const NULL: u16 = 0x4e5c;

@unmanaged
class Key {
  /** Its columns (Column), one behind the other. */
  columns: usize;
  columnCount: u32;
  /** A NULL is a value like any other; else a row with one has no such key. */
  nullsEqual: u32;
}

export let keys: usize = 0;
export let keyCount: u32 = 0;
/** Where values are written to be hashed: room for twice the longest record. */
export let scratch: usize = 0;

/** A batch has so many rows at most, and none that begins here or later. */
export let maxRows: u32 = 0;
export let enough: usize = 0;
/** For each record, for each key: its hash (u64), and 1 if it has that key (u8). */
export let hashes: usize = 0;
export let present: usize = 0;

/** Reads records and hashes their keys, until the batch is complete or it can't go on. */
export function hashKeys(): i32 {
  // A file may have empty lines without end: they count.
  while (count < maxRows && skipEmptyLines(min(enough, limit))) {
    const read = nextRecord();
    if (read != RECORD) return read;
    const first = count * keyCount;
    keep(recordStart, recordEnd, recordLine);
    for (let key: u32 = 0; key < keyCount; key++) {
      const found = hashKey(key, changetype<Key>(keys + key * offsetof<Key>()));
      if (found == UNSURE) return KEYS;
      store<u8>(present + first + key, found);
      endHash(hashes + ((first + key) << 3));
    }
  }
  return count < maxRows && at == limit && limit < enough ? END : ENOUGH;
}

const ABSENT: u8 = 0, PRESENT: u8 = 1, UNSURE: u8 = 2;

function hashKey(number: u32, key: Key): u8 {
  beginHash(number);
  for (let c: u32 = 0; c < key.columnCount; c++) {
    const column = changetype<Column>(key.columns + c * offsetof<Column>());
    if (column.hashing == BY_CALLER) return UNSURE;
    setOut(scratch);
    if (!writeColumn(column)) return UNSURE;
    if (out - scratch == NULL_LENGTH && load<u16>(scratch) == NULL) {
      if (key.nullsEqual == 0) return ABSENT;
      addNull();
      continue;
    }
    let from = scratch;
    let to = out;
    if (column.hashing == FOLDED) {
      while (from < to && isBlank(load<u8>(from))) from++;
      while (to > from && isBlank(load<u8>(to - 1))) to--;
      if (!fold(from, to)) return UNSURE;
    }
    addBytes(from, <u32> (to - from));
  }
  return PRESENT;
}

/** A to Z become a to z; false if there is anything that is not ASCII. */
function fold(from: usize, to: usize): bool {
  const beforeA = i8x16.splat(64);
  const behindZ = i8x16.splat(91);
  const bit = i8x16.splat(32);
  for (let i = from; i < to; i += 16) {
    const vector = v128.load(i);
    let wide = i8x16.bitmask(vector);
    if (to - i < 16) wide &= (1 << <i32> (to - i)) - 1;
    if (wide != 0) return false;
    const isUpper = v128.and(i8x16.gt_s(vector, beforeA), i8x16.lt_s(vector, behindZ));
    v128.store(i, v128.or(vector, v128.and(isUpper, bit)));
  }
  return true;
}
