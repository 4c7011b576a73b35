/**
 * Writes bytes of values in COPY's text format. Whole vectors are read and written, so there must
 * be 16 bytes of room after everything.
 */
import { out, setOut } from "./output";

const TAB: u8 = 9, LF: u8 = 10, CR: u8 = 13, BACKSLASH: u8 = 92;
/** `\N` */
const NULL: u16 = 0x4e5c;

// @ts-ignore: decorator
@inline
export function put(byte: u8): void {
  store<u8>(out, byte);
  setOut(out + 1);
}

export function putNull(): void {
  setOut(nullTo(out));
}

/** Writes bytes that need no escaping. */
export function putPlain(from: usize, to: usize): void {
  setOut(copyTo(out, from, to));
}

/** Writes any bytes. */
export function putText(from: usize, to: usize): void {
  setOut(escapeTo(out, from, to));
}

// These write at `target`, and return where what they wrote ends.

// @ts-ignore: decorator
@inline
export function nullTo(target: usize): usize {
  store<u16>(target, NULL);
  return target + 2;
}

// @ts-ignore: decorator
@inline
export function copyTo(target: usize, from: usize, to: usize): usize {
  for (let i = from, next = target; i < to; i += 16, next += 16) v128.store(next, v128.load(i));
  return target + (to - from);
}

export function escapeTo(begin: usize, from: usize, to: usize): usize {
  const backslashes = i8x16.splat(<i8> BACKSLASH);
  const controls = i8x16.splat(<i8> (CR + 1));
  let target = begin;
  for (let i = from; i < to; i += 16) {
    const left = to - i;
    const vector = v128.load(i);
    let special = i8x16.bitmask(
      v128.or(i8x16.eq(vector, backslashes), i8x16.lt_u(vector, controls)),
    );
    if (left < 16) special &= (1 << <i32> left) - 1;
    if (special == 0) {
      v128.store(target, vector);
      target += min<usize>(left, 16);
    } else {
      target = escape(i, min<usize>(to, i + 16), target);
    }
  }
  return target;
}

function escape(from: usize, to: usize, target: usize): usize {
  for (let i = from; i < to; i++) {
    const byte = load<u8>(i);
    const letter: u8 = byte == TAB
      ? 116 // t
      : byte == LF
      ? 110 // n
      : byte == CR
      ? 114 // r
      : byte == BACKSLASH
      ? BACKSLASH
      : 0;
    if (letter == 0) {
      store<u8>(target++, byte);
    } else {
      store<u8>(target++, BACKSLASH);
      store<u8>(target++, letter);
    }
  }
  return target;
}
