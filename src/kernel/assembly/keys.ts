/**
 * Cuts batches and hashes the keys of their records, for the planner, which defers rows that share
 * a key with an earlier one. Values are written as `encode` would write them, and then hashed.
 */
import { Answer } from "./answer";
import { Column, Hashing } from "./column";
import { addBytes, addNull, beginHash, endHash } from "./hash";
import { out, setOut, setValueLimit } from "./output";
import { plainLineTo } from "./plain";
import { nextRecord } from "./reader";
import { skipLines } from "./skipped_lines";
import { clearRecords, count, keep, setPlaces, takeRecord } from "./records";
import {
  at,
  limit,
  lines,
  readPiece,
  readUntil,
  recordEnd,
  recordLine,
  recordStart,
} from "./source";
import { clearSuspects, judgeRecord } from "./suspects";
import { isBlank } from "./white_space";
import { writeColumn } from "./write";

const NULL_LENGTH: usize = 2;
const NULL: u16 = 0x4e5c;

@unmanaged
export class Key {
  /** True: NULLs are equal, like other values. False: a row with a NULL doesn't have the key. */
  nullsEqual: bool;
  /** The key's columns (Column), one after the other. */
  columns: usize;
  columnCount: u32;
}

/** The keys of a record (Key, one after the other), and how many there are. */
let keyList: usize = 0;
let keyTotal: u32 = 0;
/** Where values are written to be hashed. */
let room: usize = 0;
let roomEnd: usize = 0;

/** The most rows that a batch may have, and the place before which they must begin. */
let rowLimit: u32 = 0;
let startLimit: usize = 0;
/** For each record, for each key: its hash (u64), and 1 if it has that key (u8). */
let hashList: usize = 0;
let presentList: usize = 0;

/** Sets the keys that a record has (Key, one after the other). */
export function setKeys(keys: usize, keyCount: u32): void {
  keyList = keys;
  keyTotal = keyCount;
}

/**
 * Sets the lists of a batch, with room for `room` records: the place of each (Place); and for each
 * record and key, its hash (u64), and 1 if the record has that key (u8).
 */
export function setKeyLists(places: usize, hashes: usize, present: usize, room: u32): void {
  setPlaces(places, room);
  hashList = hashes;
  presentList = present;
}

/** Sets the room for a value that is hashed, at least twice as long as the longest record. */
export function setKeyRoom(place: usize, bytes: usize): void {
  room = place;
  roomEnd = place + bytes;
}

/** Begins a batch of at most `maxRows` rows. */
export function beginCut(start: usize, maxRows: u32): void {
  rowLimit = maxRows;
  clearRecords();
  clearSuspects();
  readPiece(start, start, false);
}

/**
 * Sets how far the batch can be read. `isFinal`: the source ends at `end`. No row of the batch
 * begins at `enough` or later.
 */
export function continueCut(end: usize, isFinal: bool, enough: usize): void {
  readUntil(end, isFinal);
  startLimit = enough;
}

/** Makes all records one batch. */
export function setNoLimits(): void {
  rowLimit = u32.MAX_VALUE;
  startLimit = usize.MAX_VALUE;
}

/**
 * Reads records and hashes their keys, until the batch is complete or the caller has to do
 * something. Answer.unusual: call `passRecord`. Answer.keys: write the keys of the record listed
 * last into the lists. Answer.incomplete: call `continueCut`.
 */
export function hashKeys(): Answer {
  setValueLimit(roomEnd);
  // A file may have any number of empty lines, so they count towards the limit of bytes.
  while (count < rowLimit && skipLines(min(startLimit, limit))) {
    const read = nextRecord();
    if (read != Answer.record) return read;
    judgeRecord(recordStart, recordEnd, recordLine);
    const first = count * keyTotal;
    keep(recordStart, recordEnd, recordLine);
    for (let key: u32 = 0; key < keyTotal; key++) {
      const found = hashKey(key, changetype<Key>(keyList + key * offsetof<Key>()));
      if (found == UNSURE) return Answer.keys;
      store<u8>(presentList + first + key, found);
      endHash(hashList + ((first + key) << 3));
    }
  }
  return count < rowLimit && at == limit && limit < startLimit ? Answer.end : Answer.enough;
}

/** Lists the record at `at`, which can't be a row and has no keys, and continues after it. */
export function passRecord(end: usize, lineEnds: u32): void {
  memory.fill(presentList + count * keyTotal, ABSENT, keyTotal);
  takeRecord(at, end, lines, end, lines + lineEnds);
}

const ABSENT: u8 = 0, PRESENT: u8 = 1, UNSURE: u8 = 2;

function hashKey(number: u32, key: Key): u8 {
  beginHash(number);
  for (let c: u32 = 0; c < key.columnCount; c++) {
    const column = changetype<Column>(key.columns + c * offsetof<Column>());
    if (column.hashing == Hashing.caller) return UNSURE;
    let to = plainLineTo(room, column);
    if (to == 0) {
      setOut(room);
      if (!writeColumn(column)) return UNSURE;
      to = out;
    }
    if (to - room == NULL_LENGTH && load<u16>(room) == NULL) {
      if (!key.nullsEqual) return ABSENT;
      addNull();
      continue;
    }
    let from = room;
    if (column.hashing == Hashing.folded) {
      while (from < to && isBlank(load<u8>(from))) from++;
      while (to > from && isBlank(load<u8>(to - 1))) to--;
      if (!fold(from, to)) return UNSURE;
    }
    addBytes(from, <u32> (to - from));
  }
  return PRESENT;
}

/** Turns A to Z into a to z; returns false if anything is not ASCII. */
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
