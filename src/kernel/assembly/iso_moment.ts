/** Moments in ISO 8601, as far as both of row/types/date_time.ts's shapes take them. */
import { twoDigits } from "./digits";
import { clearMoment, dateExists, isMidnight, moment, readOffset, setFraction } from "./moment";
import { timeExists, writeDate, writeTime, writeTimestamp } from "./moment";

const MINUS: u8 = 45, POINT: u8 = 46, COLON: u8 = 58, SPACE: u8 = 32, LETTER_T: u8 = 84;
const LOWER: u8 = 32;
const DATE_LENGTH: usize = 10;
/** `HH:mm`, and with `:ss`. */
const MINUTES_LENGTH: usize = 5, SECONDS_LENGTH: usize = 8;
const MAX_PLACES: usize = 9;

/** A date with a time of midnight. */
export function readIsoDate(start: usize, end: usize): bool {
  if (!isIsoTimestamp(start, end) || !isMidnight()) return false;
  writeDate();
  return true;
}

/** `12:30`, `12:30:00`, `12:30:00.25`. */
export function readIsoTime(start: usize, end: usize): bool {
  clearMoment();
  if (timeEnd(start, end) != end) return false;
  writeTime();
  return true;
}

/** A date alone, or with a time, or with an offset too. */
export function readIsoTimestamp(start: usize, end: usize): bool {
  if (!isIsoTimestamp(start, end)) return false;
  writeTimestamp();
  return true;
}

function isIsoTimestamp(start: usize, end: usize): bool {
  clearMoment();
  if (end - start < DATE_LENGTH || !takeDate(start)) return false;
  let i = start + DATE_LENGTH;
  if (i == end) return true;
  const separator = load<u8>(i);
  if (separator != SPACE && (separator & ~LOWER) != LETTER_T) return false;
  i = timeEnd(i + 1, end);
  if (i == 0 || i == end) return i != 0;
  if (load<u8>(i) == SPACE) i++;
  return readOffset(i, end) == end;
}

function takeDate(start: usize): bool {
  if (load<u8>(start + 4) != MINUS || load<u8>(start + 7) != MINUS) return false;
  const century = twoDigits(start);
  const ofCentury = twoDigits(start + 2);
  if (century > 99 || ofCentury > 99) return false;
  moment.year = century * 100 + ofCentury;
  moment.month = twoDigits(start + 5);
  moment.day = twoDigits(start + 8);
  return moment.year > 0 && dateExists();
}

/** Takes a time of day, and returns where it ends; 0 if there is none. */
function timeEnd(start: usize, end: usize): usize {
  if (end - start < MINUTES_LENGTH || load<u8>(start + 2) != COLON) return 0;
  moment.hour = twoDigits(start);
  moment.minute = twoDigits(start + 3);
  let i = start + MINUTES_LENGTH;
  if (i < end && load<u8>(i) == COLON) {
    if (end - start < SECONDS_LENGTH) return 0;
    moment.second = twoDigits(start + 6);
    i = start + SECONDS_LENGTH;
    if (i < end && load<u8>(i) == POINT) {
      const digits = ++i;
      while (i < end && <u8> (load<u8>(i) - 48) < 10) i++;
      if (i == digits || i - digits > MAX_PLACES) return 0;
      setFraction(digits, i);
    }
  }
  return timeExists() ? i : 0;
}
