/** A date, a time of day or both, and how Postgres gets them (as in row/types/calendar.ts). */
import { twoDigits } from "./digits";
import { setValue, valueRoom } from "./value";

const ZERO: u8 = 48, PLUS: u8 = 43, MINUS: u8 = 45, POINT: u8 = 46, COLON: u8 = 58, SPACE: u8 = 32;
const UPPER_Z: u8 = 90, LOWER: u8 = 32;
/** Postgres refuses larger offsets. */
const MAX_OFFSET_HOUR: u32 = 15;
const DAY_SECONDS: u64 = 86_400;
/** Days from 0000-03-01 to 1970-01-01, and those of 400 years. */
const DAYS_TO_1970: u32 = 719_468, ERA_DAYS: u32 = 146_097;

@unmanaged
export class Moment {
  year: u32;
  month: u32;
  day: u32;
  hour: u32;
  minute: u32;
  second: u32;
  /** The digits after the second's point, without trailing zeros. */
  fraction: usize;
  fractionEnd: usize;
  hasOffset: bool;
  isWest: bool;
  offsetHour: u32;
  offsetMinute: u32;
}

/** The moment that is read. */
export const moment = changetype<Moment>(memory.data(offsetof<Moment>(), 8));

/** What is not read has these values. */
export function clearMoment(): void {
  moment.year = 1;
  moment.month = 1;
  moment.day = 1;
  moment.hour = 0;
  moment.minute = 0;
  moment.second = 0;
  moment.fraction = 0;
  moment.fractionEnd = 0;
  moment.hasOffset = false;
}

/** In any year from 0. */
export function dateExists(): bool {
  const day = moment.day;
  const month = moment.month;
  if (month < 1 || month > 12 || day < 1) return false;
  if (day <= 28) return true;
  if (month == 2) {
    const year = moment.year;
    return day == 29 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  }
  return day <= 30 || (day == 31 && ((0b1010110101010 >> month) & 1) == 1);
}

/** From 00:00:00 to 23:59:59. */
export function timeExists(): bool {
  return moment.hour <= 23 && moment.minute <= 59 && moment.second <= 59;
}

export function isMidnight(): bool {
  return (moment.hour | moment.minute | moment.second) == 0 &&
    moment.fraction == moment.fractionEnd;
}

/** Takes these digits as fractions of a second. */
export function setFraction(start: usize, end: usize): void {
  let last = end;
  while (last > start && load<u8>(last - 1) == ZERO) last--;
  moment.fraction = start;
  moment.fractionEnd = last;
}

/** Takes these seconds since 1970, in UTC. */
export function setInstant(seconds: u64): void {
  const inDay = <u32> (seconds % DAY_SECONDS);
  moment.hour = inDay / 3600;
  moment.minute = inDay / 60 % 60;
  moment.second = inDay % 60;
  moment.hasOffset = true;
  moment.isWest = false;
  moment.offsetHour = 0;
  moment.offsetMinute = 0;
  // Years are counted from March, so that leap days are their last days, and in eras of 400.
  const days = <u32> (seconds / DAY_SECONDS) + DAYS_TO_1970;
  const inEra = days % ERA_DAYS;
  const ofEra = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365;
  const inYear = inEra - (365 * ofEra + ofEra / 4 - ofEra / 100);
  const month = (5 * inYear + 2) / 153;
  moment.day = inYear - (153 * month + 2) / 5 + 1;
  moment.month = month < 10 ? month + 3 : month - 9;
  moment.year = days / ERA_DAYS * 400 + ofEra + (month < 10 ? 0 : 1);
}

/**
 * Reads `Z`, `+02`, `+0200` or `+02:00`, which may end before `end`. Returns where it ends; 0 if
 * there is none that Postgres takes.
 */
export function readOffset(start: usize, end: usize): usize {
  if (start == end) return 0;
  const sign = load<u8>(start);
  moment.hasOffset = true;
  moment.isWest = sign == MINUS;
  moment.offsetHour = 0;
  moment.offsetMinute = 0;
  if ((sign & ~LOWER) == UPPER_Z) return start + 1;
  if ((sign != PLUS && sign != MINUS) || end - start < 3) return 0;
  const hour = twoDigits(start + 1);
  if (hour > MAX_OFFSET_HOUR) return 0;
  moment.offsetHour = hour;
  let i = start + 3;
  if (i < end && load<u8>(i) == COLON) i++;
  if (end - i < 2 || twoDigits(i) > 99) return start + 3;
  moment.offsetMinute = twoDigits(i);
  return moment.offsetMinute > 59 ? 0 : i + 2;
}

/** Writes `2024-02-29` as the value. */
export function writeDate(): void {
  const start = valueRoom();
  setValue(start, putDate(start));
}

/** Writes `12:30:00.25` as the value. */
export function writeTime(): void {
  const start = valueRoom();
  setValue(start, putTime(start));
}

/** Writes `2024-02-29 12:30:00.25+02:00` as the value. */
export function writeTimestamp(): void {
  const start = valueRoom();
  const date = putDate(start);
  store<u8>(date, SPACE);
  let to = putTime(date + 1);
  if (moment.hasOffset) {
    const isUtc = (moment.offsetHour | moment.offsetMinute) == 0;
    store<u8>(to, moment.isWest && !isUtc ? MINUS : PLUS);
    putTwo(to + 1, moment.offsetHour);
    to += 3;
    if (!isUtc) {
      store<u8>(to, COLON);
      putTwo(to + 1, moment.offsetMinute);
      to += 3;
    }
  }
  setValue(start, to);
}

function putDate(to: usize): usize {
  putTwo(to, moment.year / 100);
  putTwo(to + 2, moment.year % 100);
  store<u8>(to + 4, MINUS);
  putTwo(to + 5, moment.month);
  store<u8>(to + 7, MINUS);
  putTwo(to + 8, moment.day);
  return to + 10;
}

function putTime(to: usize): usize {
  putTwo(to, moment.hour);
  store<u8>(to + 2, COLON);
  putTwo(to + 3, moment.minute);
  store<u8>(to + 5, COLON);
  putTwo(to + 6, moment.second);
  const digits = moment.fractionEnd - moment.fraction;
  if (digits == 0) return to + 8;
  store<u8>(to + 8, POINT);
  memory.copy(to + 9, moment.fraction, digits);
  return to + 9 + digits;
}

// @ts-ignore: decorator
@inline
function putTwo(to: usize, number: u32): void {
  store<u8>(to, ZERO + <u8> (number / 10));
  store<u8>(to + 1, ZERO + <u8> (number % 10));
}
