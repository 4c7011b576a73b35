/** `date`, `time` and `timestamp`: by the rule's formats, or else ISO 8601. */
import type { ByteFormat, ByteValue } from "../byte_rule.ts";
import {
  canonicalOffset,
  isDate,
  isTime,
  type Moment,
  nextDay,
  withoutTrailingZeros,
  writeDate,
  writeTime,
  writeTimestamp,
} from "./calendar.ts";
import { byteFormat, compileDateFormat } from "./date_format.ts";
import type { ValueProgram } from "./value_program.ts";

const ISO_DATE = "yyyy-MM-dd";

/** What texts look like. `native`: also as Postgres writes them, and in ISO 8601's basic form. */
interface Shapes {
  readonly date: RegExp;
  readonly time: RegExp;
  /** Date, time, offset, era. */
  readonly timestamp: RegExp;
}

const ISO: Shapes = {
  date: /^(\d{4})-(\d{2})-(\d{2})$/u,
  time: /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/u,
  timestamp:
    /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:[.]\d{1,9})?)?)(?: ?(UTC|[Zz]|[+-]\d{2}(?::?\d{2})?))?)?$/u,
};

const NATIVE: Shapes = {
  date: /^(\d{4,7})-(\d{2})-(\d{2})$/u,
  time: ISO.time,
  timestamp:
    /^(\d{4,7}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:[.]\d{1,9})?)?)(?: ?(UTC|[Zz]|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?))?)?( BC)?$/iu,
};
/** `20240229`, `123000`, `20240229T123000`: with separators, they are read as the other forms. */
const BASIC =
  /^(?:(\d{4})(\d{2})(\d{2}))?(?:(^|[Tt ])(\d{2})(\d{2})(\d{2})((?:\.\d{1,9})?(?: ?(?:[Zz]|[+-][\d:]+))?))?$/u;
const INFINITE = /^(-?)infinity$/iu;

/**
 * An ISO date may have a time of midnight, because that is how many programs export a date. Any
 * other time would be lost, so it is refused.
 */
export function dateProgram(formats: readonly string[], native: boolean): ValueProgram {
  const iso = new IsoReader(native);
  return {
    expectation: `must be a date (${orList(formats, ISO_DATE)})`,
    parse: native && formats.length === 0
      ? orInfinite(firstThatFits(formats, iso.date, writeDate, hasNoTime))
      : firstThatFits(formats, iso.date, writeDate, hasNoTime),
    bytes: byteMoment("date", formats),
  };
}

export function timeProgram(formats: readonly string[], native: boolean): ValueProgram {
  return {
    expectation: `must be a time (${orList(formats, "HH:mm:ss")})`,
    parse: firstThatFits(formats, new IsoReader(native).time, writeTime, hasNoDay),
    bytes: byteMoment("time", formats),
  };
}

/** ISO with or without an offset; a date alone means its midnight. */
export function timestampProgram(formats: readonly string[], native: boolean): ValueProgram {
  const parse = firstThatFits(formats, new IsoReader(native).timestamp, writeTimestamp);
  return {
    expectation: `must be a date and time (${orList(formats, "yyyy-MM-dd HH:mm:ss")})`,
    parse: native && formats.length === 0 ? orInfinite(parse) : parse,
    bytes: byteMoment("timestamp", formats),
  };
}

/** The kernel knows the first formats, up to one that has no byte form. */
function byteMoment(
  kind: "date" | "time" | "timestamp",
  formats: readonly string[],
): ByteValue | null {
  const known: ByteFormat[] = [];
  for (const format of formats) {
    const bytes = byteFormat(format);
    if (bytes === null) break;
    known.push(bytes);
  }
  if (formats.length === 0) return { kind, formats: [], isPlain: true, isPartial: false };
  const isPlain = kind === "date" && formats[0] === ISO_DATE;
  return known.length === 0
    ? null
    : { kind, formats: known, isPlain, isPartial: known.length < formats.length };
}

function orInfinite(parse: ValueProgram["parse"]): ValueProgram["parse"] {
  return (text) => {
    const infinite = INFINITE.exec(text);
    return infinite === null ? parse(text) : `${infinite[1]}infinity`;
  };
}

function firstThatFits(
  formats: readonly string[],
  iso: (text: string) => Moment | null,
  write: (moment: Moment) => string,
  losesNothing = (_counted: Moment) => true,
): (text: string) => string | null {
  const readers = formats.length === 0 ? [iso] : formats.map((format) => {
    const read = compileDateFormat(format);
    // Only the day that spreadsheets count may come with a time that the format doesn't show.
    if (format !== "excel") return read;
    return (text: string) => {
      const moment = read(text);
      return moment !== null && losesNothing(moment) ? moment : null;
    };
  });
  return (text) => {
    for (const read of readers) {
      const moment = read(text);
      if (moment !== null) return write(moment);
    }
    return null;
  };
}

function hasNoTime(counted: Moment): boolean {
  return writeTime(counted) === "00:00:00";
}

/** A time of day counts from 0. */
function hasNoDay(counted: Moment): boolean {
  return writeDate(counted) === "1899-12-30";
}

function orList(formats: readonly string[], usual: string): string {
  return formats.length === 0 ? usual : formats.join(" or ");
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0, fraction: "", offset: "" };

class IsoReader {
  readonly #native: boolean;
  readonly #shapes: Shapes;

  constructor(native: boolean) {
    this.#native = native;
    this.#shapes = native ? NATIVE : ISO;
  }

  readonly date = (text: string): Moment | null => {
    const match = this.#shapes.date.exec(text);
    if (match === null) {
      const moment = this.#moment(text);
      return moment !== null && writeTime(moment) === "00:00:00" ? moment : null;
    }
    const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
    const exists = year > 0 && isDate(year, month, day);
    return exists ? { year, month, day, ...MIDNIGHT } : null;
  };

  readonly time = (text: string): Moment | null => {
    const match = this.#shapes.time.exec(text);
    if (match === null) {
      const long = this.#native ? extended(text) : null;
      return long === null ? null : this.time(long);
    }
    const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
    const fraction = withoutTrailingZeros(match[4] ?? "");
    // The end of a day, which Postgres also writes.
    const isEnd = this.#native && hour === 24 && minute + second === 0 && fraction === "";
    const first = { year: 1, month: 1, day: 1, fraction, offset: "" };
    if (isEnd || isTime(hour, minute, second)) return { ...first, hour, minute, second };
    // Clocks write a leap second like that, and Postgres reads it as the next minute.
    if (!this.#native || second !== 60 || !isTime(hour, minute, 0)) return null;
    const next = minute === 59 ? { hour: hour + 1, minute: 0 } : { hour, minute: minute + 1 };
    return next.hour === 24 && fraction !== "" ? null : { ...first, ...next, second: 0 };
  };

  readonly timestamp = (text: string): Moment | null => {
    const moment = this.#moment(text);
    // Equal values are written in one form.
    return moment?.hour === 24 ? { ...moment, ...nextDay(moment), hour: 0 } : moment;
  };

  #moment(text: string): Moment | null {
    const match = this.#shapes.timestamp.exec(text);
    if (match === null) {
      const long = this.#native ? extended(text) : null;
      return long === null ? null : this.#moment(long);
    }
    const [year, month, day] = match[1].split("-").map(Number);
    const isBefore = match[4] !== undefined;
    const time = this.time(match[2] ?? "00:00");
    const offset = canonicalOffset(match[3]);
    if (year < 1 || time === null || offset === null) return null;
    const date = { year: isBefore ? 1 - year : year, month, day };
    return isDate(date.year, month, day) ? { ...time, ...date, offset } : null;
  }
}

/** The basic form with separators; null if the text is not in that form. */
function extended(text: string): string | null {
  const match = BASIC.exec(text);
  if (match === null || text === "") return null;
  const [, year, month, day, , hour, minute, second, rest] = match;
  const date = year === undefined ? "" : `${year}-${month}-${day}`;
  if (hour === undefined) return date;
  return `${date}${date === "" ? "" : " "}${hour}:${minute}:${second}${rest}`;
}
