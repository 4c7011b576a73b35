/**
 * Writes rows of the log (ledger/rows.ts) in COPY's binary format: a row's place, its bytes and its
 * fields. ../row_log.ts defines what a logged row is, and writes the unusual ones.
 */
import { FIELD_DOUBLED_QUOTES } from "../../source/field_flags";
import { Answer } from "./answer";
import { putBigint, putLength, putNull } from "./binary";
import { put, putPlain } from "./copy";
import { out, setOut } from "./output";
import { nextRecord } from "./reader";
import {
  at,
  expectedFields,
  fieldCount,
  fieldEnds,
  fieldFlags,
  fieldStarts,
  quote,
  readPiece,
} from "./source";

const TAB: u8 = 9, LF: u8 = 10, CR: u8 = 13, QUOTE: u8 = 34, BACKSLASH: u8 = 92;
const JSONB_VERSION: u8 = 1;

@unmanaged
export class Name {
  /** The bytes before the field's value: `{"id":"`, `","name":"`, … */
  bytes: usize;
  length: u32;
  /** The field's index in the record. */
  field: u32;
}

/** The names of the header's fields, in the order of writing (Name, one after the other). */
let nameList: usize = 0;
/** The beginning of each row: its number of columns, and the run. */
let openingStart: usize = 0;
let openingEnd: usize = 0;
/** The word for the row's outcome, as a column. */
let statusStart: usize = 0;
let statusEnd: usize = 0;

/**
 * Sets the beginning of each row, and the names of its fields (Name, one after the other).
 */
export function setLog(opening: usize, openingLength: u32, names: usize): void {
  openingStart = opening;
  openingEnd = opening + openingLength;
  nameList = names;
}

/** Sets the outcome of the rows that are written next: a word, as a column. */
export function setStatus(status: usize, statusLength: u32): void {
  statusStart = status;
  statusEnd = status + statusLength;
}

/**
 * Writes a row; if it `failed`, without the last column, its errors. Returns false, with nothing
 * written, if the record between `start` and `end` is unusual: the caller must write it.
 */
export function logRow(start: usize, end: usize, row: f64, line: f64, failed: bool): bool {
  readPiece(start, end, true);
  if (nextRecord() != Answer.record || at != end || fieldCount != expectedFields) return false;
  if (quote != <i32> QUOTE && hasDoubledQuotes()) return false;
  putPlain(openingStart, openingEnd);
  putBigint(<i64> row);
  putBigint(<i64> line);
  putPlain(statusStart, statusEnd);
  putLength(<u32> (end - start));
  putPlain(start, end);
  const length = out;
  setOut(length + 4);
  put(JSONB_VERSION);
  putFields();
  store<u32>(length, bswap<u32>(<u32> (out - length - 4)));
  if (!failed) putNull();
  return true;
}

/** `putJson` only knows doubled quotes of the usual kind. */
function hasDoubledQuotes(): bool {
  for (let i: u32 = 0; i < fieldCount; i++) {
    if ((<i32> load<u8>(fieldFlags + i) & FIELD_DOUBLED_QUOTES) != 0) return true;
  }
  return false;
}

/** Writes the fields as a JSON object of texts. */
function putFields(): void {
  for (let i: u32 = 0; i < fieldCount; i++) {
    const name = changetype<Name>(nameList + i * offsetof<Name>());
    const field = name.field;
    putPlain(name.bytes, name.bytes + name.length);
    putJson(
      load<u32>(fieldStarts + (field << 2)),
      load<u32>(fieldEnds + (field << 2)),
      (<i32> load<u8>(fieldFlags + field) & FIELD_DOUBLED_QUOTES) != 0,
    );
  }
  put(QUOTE);
  put(125);
}

/** Writes the inside of a JSON string. */
function putJson(from: usize, to: usize, doubled: bool): void {
  const quotes = i8x16.splat(<i8> QUOTE);
  const backslashes = i8x16.splat(<i8> BACKSLASH);
  const controls = i8x16.splat(32);
  let target = out;
  for (let i = from; i < to;) {
    const vector = v128.load(i);
    const left = to - i;
    let special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(vector, quotes), i8x16.eq(vector, backslashes)),
        i8x16.lt_u(vector, controls),
      ),
    );
    if (left < 16) special &= (1 << <i32> left) - 1;
    v128.store(target, vector);
    if (special == 0) {
      const taken = min<usize>(left, 16);
      i += taken;
      target += taken;
      continue;
    }
    i += ctz(special);
    target = escape(load<u8>(i), target + ctz(special));
    // Two quotes in a quoted field stand for one.
    i += doubled && load<u8>(i) == QUOTE ? 2 : 1;
  }
  setOut(target);
}

/** Writes JSON's escape of a character. */
function escape(byte: u8, target: usize): usize {
  store<u8>(target, BACKSLASH);
  if (byte == BACKSLASH || byte == QUOTE || byte == TAB || byte == LF || byte == CR) {
    // t  n  r
    store<u8>(target + 1, byte == TAB ? 116 : byte == LF ? 110 : byte == CR ? 114 : byte);
    return target + 2;
  }
  // u00XX
  store<u8>(target + 1, 117);
  store<u8>(target + 2, 48);
  store<u8>(target + 3, 48);
  store<u8>(target + 4, 48 + (byte >> 4));
  const low = byte & 15;
  store<u8>(target + 5, low < 10 ? 48 + low : 87 + low);
  return target + 6;
}
