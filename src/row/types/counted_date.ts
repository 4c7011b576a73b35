/** Dates and times that are numbers: seconds since 1970, and the days that spreadsheets count. */
import type { CountedFormat } from "../../importer/date_format.ts";
import { type Moment, withoutTrailingZeros } from "./calendar.ts";

const DAY_SECONDS = 86_400;
/** From 1970-01-01 to the last second of 9999, which is what a count that makes sense stays below. */
const FIRST_SECOND = -62_135_596_800, LAST_SECOND = 253_402_300_799;
const NANO_PLACES = 9, NANOS = 1_000_000_000n;
/** Days from 1899-12-30 to 1970-01-01. Excel takes 1900 for a leap year, so it counts 1900-02-29. */
const EXCEL_EPOCH = 25_569, EXCEL_FALSE_DAY = 60;

/** How many digits of the number are fractions of a second. */
export const UNIX_PLACES: Readonly<Record<Exclude<CountedFormat, "excel">, number>> = {
  unix: 0,
  unix_ms: 3,
  unix_us: 6,
};

/**
 * Reads numbers of this format; null for a text that is no such number. A moment since 1970 is in
 * UTC. What Excel counts is local, and less than a day is a time of day.
 */
export function countedReader(format: CountedFormat): (text: string) => Moment | null {
  return format === "excel" ? fromExcel : (text) => fromUnix(text, UNIX_PLACES[format]);
}

function fromUnix(text: string, places: number): Moment | null {
  const match = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/u.exec(text);
  if (match === null) return null;
  const [, sign, whole, fraction = ""] = match;
  const shown = fraction.padEnd(NANO_PLACES - places, "0").slice(0, NANO_PLACES - places);
  const nanos = BigInt(`${sign}${whole}${shown}`);
  // Rounded down, so that the fraction is never negative.
  const seconds = (nanos - ((nanos % NANOS) + NANOS) % NANOS) / NANOS;
  return at(Number(seconds), String(nanos - seconds * NANOS).padStart(NANO_PLACES, "0"), "+00");
}

function fromExcel(text: string): Moment | null {
  if (!/^\d{1,7}(?:\.\d{1,17})?$/u.test(text)) return null;
  const serial = Number(text);
  const day = Math.floor(serial);
  if (day === EXCEL_FALSE_DAY) return null;
  const counted = day > 0 && day < EXCEL_FALSE_DAY ? serial + 1 : serial;
  // A double of a date has about eleven decimals: enough for milliseconds.
  const millis = Math.round((counted - EXCEL_EPOCH) * DAY_SECONDS * 1000);
  const seconds = Math.floor(millis / 1000);
  return at(seconds, String(millis - seconds * 1000).padStart(3, "0"), "");
}

function at(seconds: number, fraction: string, offset: string): Moment | null {
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return null;
  const date = new Date(seconds * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    fraction: withoutTrailingZeros(fraction),
    offset,
  };
}
