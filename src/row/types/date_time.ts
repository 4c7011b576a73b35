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
import type { ValueProgram } from "./value_program.ts";

const ISO_DATE = "yyyy-MM-dd";
const ISO_DATE_SHAPE = /^(\d{4})-(\d{2})-(\d{2})$/u;
const ISO_TIME_SHAPE = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/u;
const ISO_TIMESTAMP_SHAPE =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:[.]\d{1,9})?)?)(?: ?(UTC|[Zz]|[+-]\d{2}(?::?\d{2})?))?)?$/u;

/**
 * An ISO date may have a time of midnight, because that is how many programs export a date. Any
 * other time would be lost, so it is refused.
 */
export function dateProgram(formats: readonly string[]): ValueProgram {
  return {
    expectation: `must be a date (${orList(formats, ISO_DATE)})`,
    parse: firstThatFits(formats, isoDate, writeDate),
    bytes: formats.length === 0 || formats[0] === ISO_DATE ? { kind: "date" } : null,
  };
}

export function timeProgram(formats: readonly string[]): ValueProgram {
  return {
    expectation: `must be a time (${orList(formats, "HH:mm:ss")})`,
    parse: firstThatFits(formats, isoTime, writeTime),
    bytes: null,
  };
}

/** ISO with or without an offset; a date alone means its midnight. */
export function timestampProgram(formats: readonly string[]): ValueProgram {
  return {
    expectation: `must be a date and time (${orList(formats, "yyyy-MM-dd HH:mm:ss")})`,
    parse: firstThatFits(formats, isoTimestamp, writeTimestamp),
    bytes: formats.length === 0 ? { kind: "timestamp" } : null,
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
