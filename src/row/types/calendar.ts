/** Dates and times of day as numbers: which exist, and how they are written. */
import { withoutLast } from "../without_last.ts";

export interface Moment {
  /** 0 is 1 BC, -1 is 2 BC. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits after the second's point, without trailing zeros; empty for none. */
  readonly fraction: string;
  /** `+02:00`, `+00` for UTC, `+00:53:28`, a zone such as ` Europe/Berlin`, or empty for none. */
  readonly offset: string;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Postgres refuses larger offsets. */
const MAX_OFFSET_HOUR = 15;

/** Gregorian, in any year. */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (month === 2 && day === 29) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= DAYS[month - 1];
}

type Day = Pick<Moment, "year" | "month" | "day">;

export function nextDay({ year, month, day }: Day): Day {
  if (isDate(year, month, day + 1)) return { year, month, day: day + 1 };
  return month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 };
}

/** 00:00:00 to 23:59:59; no leap seconds, no 24:00. */
export function isTime(hour: number, minute: number, second: number): boolean {
  return hour <= 23 && minute <= 59 && second <= 59;
}

export function writeDate(moment: Moment): string {
  return dateOf(moment) + era(moment);
}

function dateOf({ year, month, day }: Moment): string {
  return `${pad(year > 0 ? year : 1 - year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Postgres writes it last, after the offset. */
function era({ year }: Moment): string {
  return year > 0 ? "" : " BC";
}

export function writeTime(moment: Moment): string {
  const time = `${pad(moment.hour, 2)}:${pad(moment.minute, 2)}:${pad(moment.second, 2)}`;
  return moment.fraction === "" ? time : `${time}.${moment.fraction}`;
}

export function writeTimestamp(moment: Moment): string {
  return `${dateOf(moment)} ${writeTime(moment)}${moment.offset}${era(moment)}`;
}

/** One form for `Z`, `UTC`, `+02`, `+0200`, `+02:00`; empty for no offset, null if invalid. */
export function canonicalOffset(text: string | undefined): string | null {
  if (text === undefined || text === "") return "";
  const match = /^([+-])(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?$/u.exec(text);
  if (match === null) return /^(?:z|utc|gmt)$/iu.test(text) ? "+00" : null;
  const [, sign, hours, minutes = "00", seconds = "00"] = match;
  if (Number(hours) > MAX_OFFSET_HOUR || Number(minutes) > 59 || Number(seconds) > 59) return null;
  if (hours === "00" && minutes === "00" && seconds === "00") return "+00";
  return `${sign}${hours}:${minutes}${seconds === "00" ? "" : `:${seconds}`}`;
}

export function withoutTrailingZeros(digits: string): string {
  return withoutLast(digits, "0");
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
