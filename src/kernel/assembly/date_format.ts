/** Moments in the formats of a column, such as `dd.MM.yyyy`, which row/types/date_format.ts compiles. */
import { Column, Kind } from "./column";
import { twoDigits } from "./digits";
import { clearMoment, dateExists, moment, readOffset, setFraction, setInstant } from "./moment";
import { timeExists, writeDate, writeTime, writeTimestamp } from "./moment";

const ZERO: u8 = 48, LOWER: u8 = 32, LETTER_A: u8 = 97, LETTER_M: u8 = 109, LETTER_P: u8 = 112;
const MINUS: u8 = 45, POINT: u8 = 46;
/** As in importer/date_format.ts. */
const YEAR_PIVOT: u32 = 70;
/** The last second of 9999, and the digits of that count. */
const LAST_SECOND: u64 = 253_402_300_799, COUNT_DIGITS: usize = 12;

/** What a format consists of. Each has a number behind it. */
export const enum FormatPart {
  /** This byte. */
  literal,
  year,
  shortYear,
  /** These have at least so many digits, one or two, and at most two. */
  month,
  day,
  hour,
  minute,
  second,
  /** Has so many digits. */
  fraction,
  /** `am` or `pm`. */
  half,
  offset,
  /** All of the text: seconds since 1970, of which so many digits are behind the point. */
  count,
}

@unmanaged
export class Format {
  /** Pairs of a part and its number (u8 each). */
  parts: usize;
  partsEnd: usize;
  /** Hours are from 1 to 12. */
  twelveHours: bool;
}

const enum Fit {
  yes,
  no,
  /** The caller knows. */
  unsure,
}

/** Reads a moment in the first of the column's formats that fits. */
export function readFormatted(column: Column, start: usize, end: usize): bool {
  for (let f: u32 = 0; f < column.formatCount; f++) {
    const format = changetype<Format>(column.formats + f * offsetof<Format>());
    const fit = read(format, start, end);
    if (fit == Fit.no) continue;
    if (fit == Fit.unsure) return false;
    if (column.kind == Kind.date) writeDate();
    else if (column.kind == Kind.time) writeTime();
    else writeTimestamp();
    return true;
  }
  return false;
}

function read(format: Format, start: usize, end: usize): Fit {
  clearMoment();
  let isAfternoon = false;
  let i = start;
  for (let p = format.parts; p < format.partsEnd; p += 2) {
    const part: FormatPart = load<u8>(p);
    const given: usize = load<u8>(p + 1);
    const left = end - i;
    switch (part) {
      case FormatPart.literal:
        if (left == 0 || load<u8>(i) != <u8> given) return Fit.no;
        i++;
        continue;
      case FormatPart.year: {
        const century = twoDigits(i);
        const ofCentury = twoDigits(i + 2);
        if (left < 4 || century > 99 || ofCentury > 99) return Fit.no;
        moment.year = century * 100 + ofCentury;
        i += 4;
        continue;
      }
      case FormatPart.fraction: {
        const last = i + given;
        if (left < given) return Fit.no;
        for (let k = i; k < last; k++) if (<u8> (load<u8>(k) - ZERO) > 9) return Fit.no;
        setFraction(i, last);
        i = last;
        continue;
      }
      case FormatPart.half: {
        if (left < 2) return Fit.no;
        const letter = load<u8>(i) | LOWER;
        // The caller knows `a.m.`.
        if (load<u8>(i + 1) == POINT || (left > 2 && load<u8>(i + 2) == POINT)) return Fit.unsure;
        if ((load<u8>(i + 1) | LOWER) != LETTER_M) return Fit.no;
        if (letter != LETTER_A && letter != LETTER_P) return Fit.no;
        isAfternoon = letter == LETTER_P;
        i += 2;
        continue;
      }
      case FormatPart.count:
        return count(i, end, given);
      case FormatPart.offset:
        i = readOffset(i, end);
        if (i == 0) return Fit.no;
        continue;
      default:
        break;
    }
    // A number of one digit or two.
    if (left == 0) return Fit.no;
    let number = left < 2 ? 100 : twoDigits(i);
    i += 2;
    if (number > 99) {
      number = <u32> load<u8>(i - 2) - ZERO;
      if (given == 2 || number > 9) return Fit.no;
      i--;
    }
    setNumber(part, number);
  }
  if (i != end) return Fit.no;
  if (format.twelveHours) {
    if (moment.hour < 1 || moment.hour > 12) return Fit.no;
    moment.hour = moment.hour % 12 + (isAfternoon ? 12 : 0);
  }
  if (!dateExists() || !timeExists()) return Fit.no;
  // The year before 1 has a form of its own.
  return moment.year == 0 ? Fit.unsure : Fit.yes;
}

/** The caller knows about signs, points, and counts of less than a second. */
function count(start: usize, end: usize, places: usize): Fit {
  const point = end - places;
  let seconds: u64 = 0;
  for (let i = start; i < end; i++) {
    const byte = load<u8>(i);
    const unit: u8 = byte - ZERO;
    if (unit > 9) return byte == POINT || (byte == MINUS && i == start) ? Fit.unsure : Fit.no;
    if (i < point) seconds = seconds * 10 + unit;
  }
  if (point <= start || point - start > COUNT_DIGITS || seconds > LAST_SECOND) return Fit.unsure;
  setFraction(point, end);
  setInstant(seconds);
  return Fit.yes;
}

function setNumber(part: FormatPart, number: u32): void {
  switch (part) {
    case FormatPart.shortYear:
      moment.year = number + (number < YEAR_PIVOT ? 2000 : 1900);
      break;
    case FormatPart.month:
      moment.month = number;
      break;
    case FormatPart.day:
      moment.day = number;
      break;
    case FormatPart.hour:
      moment.hour = number;
      break;
    case FormatPart.minute:
      moment.minute = number;
      break;
    default:
      moment.second = number;
  }
}
