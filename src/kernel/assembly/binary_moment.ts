/** Writes dates and times in COPY's binary format, from their canonical texts (binary.ts). */
import { BinaryType, integerTo, lengthTo } from "./binary_type";
import { digit, twoDigits } from "./digits";

const PLUS: u8 = 43, MINUS: u8 = 45, POINT: u8 = 46, COLON: u8 = 58;
const DATE_LENGTH: usize = 10, TIME_LENGTH: usize = 8;
/** Days from 0000-03-01 to 2000-01-01, from which Postgres counts. */
const POSTGRES_EPOCH: i32 = 730_425;
const DAY_MICROSECONDS: i64 = 86_400_000_000, SECOND_MICROSECONDS: i64 = 1_000_000;
const MICROSECOND_DIGITS: usize = 6;

/** Writes `2024-02-29`, which must be a day that exists. */
// @ts-ignore: decorator
@inline
export function dateTo(target: usize, start: usize): usize {
  store<u32>(lengthTo(target, 4), bswap<u32>(daysOf(start)));
  return target + 8;
}

/** Writes `12:30:00.25`. */
export function timeTo(target: usize, start: usize, end: usize): usize {
  if (!readTime(start, end) || timeEnd != end) return 0;
  return integerTo(target, BinaryType.int8, inDay);
}

/**
 * Writes `2024-02-29 12:30:00.25+02:00`. Postgres ignores the offset of a time that has no zone, and
 * takes a time that should have an offset as one of the session's zone.
 */
export function timestampTo(target: usize, hasZone: bool, start: usize, end: usize): usize {
  const time = start + DATE_LENGTH + 1;
  if (end <= time || !readTime(time, end)) return 0;
  let offset: i64 = 0;
  if (timeEnd != end) {
    const sign = load<u8>(timeEnd);
    if ((sign != PLUS && sign != MINUS) || !readOffset(timeEnd + 1, end)) return 0;
    offset = sign == MINUS ? -offsetSeconds : offsetSeconds;
  } else if (hasZone) {
    return 0;
  }
  const local = <i64> daysOf(start) * DAY_MICROSECONDS + inDay;
  const moment = hasZone ? local - offset * SECOND_MICROSECONDS : local;
  return integerTo(target, BinaryType.int8, moment);
}

/** Microseconds since midnight, and where the time ends. */
let inDay: i64 = 0;
let timeEnd: usize = 0;

/** Reads a time with up to six digits behind the point. */
function readTime(start: usize, end: usize): bool {
  if (end - start < TIME_LENGTH) return false;
  const hour = twoDigits(start);
  const minute = twoDigits(start + 3);
  const second = twoDigits(start + 6);
  if (hour > 24 || minute > 59 || second > 59) return false;
  if (load<u8>(start + 2) != COLON || load<u8>(start + 5) != COLON) return false;
  let i = start + TIME_LENGTH;
  let fraction: i64 = 0;
  if (i < end && load<u8>(i) == POINT) {
    const digits = ++i;
    let place = SECOND_MICROSECONDS / 10;
    for (; i < end && digit(i) < 10; i++) {
      fraction += place * digit(i);
      place /= 10;
    }
    if (i == digits || i - digits > MICROSECOND_DIGITS) return false;
  }
  inDay = <i64> ((hour * 60 + minute) * 60 + second) * SECOND_MICROSECONDS + fraction;
  timeEnd = i;
  return true;
}

let offsetSeconds: i64 = 0;

/** Reads `02`, `02:00` or `02:00:00`. */
function readOffset(start: usize, end: usize): bool {
  const length = end - start;
  if (length != 2 && length != 5 && length != 8) return false;
  offsetSeconds = 0;
  let unit: i64 = 3600;
  for (let i = start; i < end; i += 3) {
    const number = twoDigits(i);
    if (number > 59 || (i > start && load<u8>(i - 1) != COLON)) return false;
    offsetSeconds += unit * number;
    unit /= 60;
  }
  return true;
}

/** Days since 2000-01-01. Years are counted from March, so that leap days are their last days. */
function daysOf(date: usize): i32 {
  const month = twoDigits(date + 5);
  const early = month < 3;
  const year = twoDigits(date) * 100 + twoDigits(date + 2) - (early ? 1 : 0);
  const sinceMarch = early ? month + 9 : month - 3;
  const days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * sinceMarch + 2) / 5 +
    twoDigits(date + 8) - 1;
  return <i32> days - POSTGRES_EPOCH;
}
