/** `date`, `time` and `timestamp`: by the rule's formats, or else ISO 8601. */
import {
  canonicalOffset,
  isDate,
  isTime,
  type Moment,
  withoutTrailingZeros,
  writeDate,
  writeTime,
  writeTimestamp,
} from "./calendar.ts";
import { compileDateFormat } from "./date_format.ts";
import { type CopyBytes, copyIf, type ValueProgram } from "./value_program.ts";

const ISO_DATE = "yyyy-MM-dd";
const ISO_DATE_SHAPE = /^(\d{4})-(\d{2})-(\d{2})$/u;
const ISO_TIME_SHAPE = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/u;
const ISO_TIMESTAMP_SHAPE =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:[.]\d{1,9})?)?)(?: ?(UTC|[Zz]|[+-]\d{2}(?::?\d{2})?))?)?$/u;

const DASH = 45, COLON = 58, SPACE = 32;

/**
 * ISO takes a time of midnight too, because that is how many programs export a date; any other
 * time would be lost and is refused.
 */
export function dateProgram(formats: readonly string[]): ValueProgram {
  return {
    expectation: `must be a date (${orList(formats, ISO_DATE)})`,
    parse: firstThatFits(formats, isoDate, writeDate),
    copy: formats.length === 0 || formats[0] === ISO_DATE ? copyIf(isPlainDate) : null,
  };
}

export function timeProgram(formats: readonly string[]): ValueProgram {
  return {
    expectation: `must be a time (${orList(formats, "HH:mm:ss")})`,
    parse: firstThatFits(formats, isoTime, writeTime),
    copy: null,
  };
}

/** ISO with or without an offset; a date alone is its midnight. */
export function timestampProgram(formats: readonly string[]): ValueProgram {
  return {
    expectation: `must be a date and time (${orList(formats, "yyyy-MM-dd HH:mm:ss")})`,
    parse: firstThatFits(formats, isoTimestamp, writeTimestamp),
    copy: formats.length === 0 ? copyPlainTimestamp : null,
  };
}

function firstThatFits(
  formats: readonly string[],
  iso: (text: string) => Moment | null,
  write: (moment: Moment) => string,
): (text: string) => string | null {
  const readers = formats.length === 0 ? [iso] : formats.map(compileDateFormat);
  return (text) => {
    for (const read of readers) {
      const moment = read(text);
      if (moment !== null) return write(moment);
    }
    return null;
  };
}

function orList(formats: readonly string[], usual: string): string {
  return formats.length === 0 ? usual : formats.join(" or ");
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0, fraction: "", offset: "" };

function isoDate(text: string): Moment | null {
  const match = ISO_DATE_SHAPE.exec(text);
  if (match === null) {
    const moment = isoTimestamp(text);
    return moment !== null && writeTime(moment) === "00:00:00" ? moment : null;
  }
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isDate(year, month, day) ? { year, month, day, ...MIDNIGHT } : null;
}

function isoTime(text: string): Moment | null {
  const match = ISO_TIME_SHAPE.exec(text);
  if (match === null) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (!isTime(hour, minute, second)) return null;
  const fraction = withoutTrailingZeros(match[4] ?? "");
  return { year: 1, month: 1, day: 1, hour, minute, second, fraction, offset: "" };
}

function isoTimestamp(text: string): Moment | null {
  const match = ISO_TIMESTAMP_SHAPE.exec(text);
  if (match === null) return null;
  const date = isoDate(match[1]);
  const time = isoTime(match[2] ?? "00:00");
  const offset = canonicalOffset(match[3]);
  if (date === null || time === null || offset === null) return null;
  const { year, month, day } = date;
  return { ...time, year, month, day, offset };
}

/** `2024-02-29`, and a day that exists. */
function isPlainDate(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 10 || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return false;
  const century = twoDigits(bytes, start);
  const ofCentury = twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if (century < 0 || ofCentury < 0 || month < 0 || day < 0) return false;
  return isDate(century * 100 + ofCentury, month, day);
}

/** `2024-02-29 12:30:00`, or with a `T`, which becomes a space. */
const copyPlainTimestamp: CopyBytes = (bytes, start, end, out) => {
  const separator = bytes[start + 10];
  if (end - start !== 19 || (separator !== SPACE && separator !== 84)) return false;
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return false;
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  if (hour < 0 || minute < 0 || second < 0 || !isTime(hour, minute, second)) return false;
  if (!isPlainDate(bytes, start, start + 10)) return false;
  out.bytes(bytes, start, start + 10);
  out.byte(SPACE);
  out.bytes(bytes, start + 11, end);
  return true;
};

/** The number that two digits make, or -1. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 48;
  const units = bytes[at + 1] - 48;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : -1;
}
