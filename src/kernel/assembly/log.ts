/** Lines of the row log (ledger/rows.ts) for COPY: where a row stands, its bytes, and its fields. */
import { put } from "./copy";
import { nextRecord, RECORD } from "./reader";
import {
  at,
  expectedFields,
  fieldCount,
  fieldEnds,
  fieldFlags,
  fieldStarts,
  out,
  setOut,
  setPiece,
} from "./state";

const TAB: u8 = 9, LF: u8 = 10, CR: u8 = 13, QUOTE: u8 = 34, BACKSLASH: u8 = 92;
const DOUBLED_QUOTES: u8 = 2;

@unmanaged
class Name {
  /** `"name":"` in JSON, escaped for COPY. */
  bytes: usize;
  length: u32;
}

/** Of the header's columns (Name, one behind the other). */
export let names: usize = 0;
/** `created`, …: what the row's status is, and how long the word. */
export let status: usize = 0;
export let statusLength: u32 = 0;

/**
 * Writes all but the last column. False, having written nothing, if the record between `start`
 * and `end` is unusual: then it is for the caller.
 */
export function logRow(start: usize, end: usize, run: f64, row: f64, line: f64): bool {
  setPiece(start, end);
  if (nextRecord() != RECORD || at != end || fieldCount != expectedFields) return false;
  putNumber(<u64> run);
  put(TAB);
  putNumber(<u64> row);
  put(TAB);
  putNumber(<u64> line);
  put(TAB);
  memory.copy(out, status, statusLength);
  setOut(out + statusLength);
  put(TAB);
  putHex(start, end);
  put(TAB);
  putFields();
  put(TAB);
  return true;
}

function putNumber(number: u64): void {
  let digits: usize = 1;
  for (let rest = number; rest >= 10; rest /= 10) digits++;
  let rest = number;
  for (let i = out + digits - 1; i >= out; i--, rest /= 10) store<u8>(i, <u8> (48 + rest % 10));
  setOut(out + digits);
}

/** As COPY takes a bytea: `\\x`, and two digits for each byte. */
function putHex(start: usize, end: usize): void {
  put(BACKSLASH);
  put(BACKSLASH);
  put(120);
  const digits = i8x16(48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102);
  let target = out;
  for (let i = start; i < end; i += 16, target += 32) {
    const vector = v128.load(i);
    const high = i8x16.swizzle(digits, i8x16.shr_u(vector, 4));
    const low = i8x16.swizzle(digits, v128.and(vector, i8x16.splat(15)));
    v128.store(
      target,
      v128.shuffle<u8>(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
    );
    v128.store(
      target + 16,
      v128.shuffle<u8>(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
    );
  }
  setOut(out + 2 * (end - start));
}

/** As a JSON object of texts. */
function putFields(): void {
  put(123);
  for (let field: u32 = 0; field < fieldCount; field++) {
    if (field > 0) put(44);
    const name = changetype<Name>(names + field * offsetof<Name>());
    memory.copy(out, name.bytes, name.length);
    setOut(out + name.length);
    putJson(
      load<u32>(fieldStarts + (field << 2)),
      load<u32>(fieldEnds + (field << 2)),
      (load<u8>(fieldFlags + field) & DOUBLED_QUOTES) != 0,
    );
    put(QUOTE);
  }
  put(125);
}

/** The inside of a JSON string, escaped for COPY. */
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

/** JSON's escape of a character; COPY wants each of its backslashes twice. */
function escape(byte: u8, target: usize): usize {
  store<u8>(target, BACKSLASH);
  store<u8>(target + 1, BACKSLASH);
  if (byte == BACKSLASH) {
    store<u8>(target + 2, BACKSLASH);
    store<u8>(target + 3, BACKSLASH);
    return target + 4;
  }
  if (byte == QUOTE || byte == TAB || byte == LF || byte == CR) {
    // "  t  n  r
    store<u8>(target + 2, byte == QUOTE ? QUOTE : byte == TAB ? 116 : byte == LF ? 110 : 114);
    return target + 3;
  }
  // u00XX
  store<u8>(target + 2, 117);
  store<u8>(target + 3, 48);
  store<u8>(target + 4, 48);
  store<u8>(target + 5, 48 + (byte >> 4));
  const low = byte & 15;
  store<u8>(target + 6, low < 10 ? 48 + low : 87 + low);
  return target + 7;
}
