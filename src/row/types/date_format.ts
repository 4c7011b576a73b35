import { type DatePart, readFormat, YEAR_PIVOT } from "../../importer/date_format.ts";
import { canonicalOffset, isDate, isTime, type Moment, withoutTrailingZeros } from "./calendar.ts";

/** What each part looks like. */
const SHAPES: Readonly<Record<DatePart, (letters: string) => string>> = {
  year: () => "\\d{4}",
  shortYear: () => "\\d{2}",
  month: digits,
  day: digits,
  hour: digits,
  minute: digits,
  second: digits,
  fraction: () => "\\d{3}",
  half: () => "[AaPp]\\.?[Mm]\\.?",
  offset: () => "[Zz]|[+-]\\d{2}(?::?\\d{2})?",
};

function digits(letters: string): string {
  return letters.length === 1 ? "\\d{1,2}" : "\\d{2}";
}

/**
 * Compiles a format such as `dd.MM.yyyy HH:mm`, which must be one (importer/date_format.ts). The
 * function returns null for a text that doesn't have this form, or names a day or time that doesn't
 * exist.
 */
export function compileDateFormat(format: string): (text: string) => Moment | null {
  const pieces = readFormat(format);
  if (typeof pieces === "string") throw new Error(`${JSON.stringify(format)} is not a date format`);
  const parts = pieces.flatMap((piece) => "part" in piece ? [piece.part] : []);
  const pattern = pieces.map((piece) =>
    "part" in piece ? `(${SHAPES[piece.part](piece.letters)})` : RegExp.escape(piece.literal)
  );
  const shape = new RegExp(`^${pattern.join("")}$`, "u");
  const twelveHours = parts.includes("half");
  return (text) => {
    const match = shape.exec(text);
    if (match === null) return null;
    const part = (name: DatePart) => {
      const index = parts.indexOf(name);
      return index < 0 ? undefined : match[index + 1];
    };
    return toMoment(part, twelveHours);
  };
}

function toMoment(
  part: (name: DatePart) => string | undefined,
  twelveHours: boolean,
): Moment | null {
  const number = (name: DatePart, missing: number) => Number(part(name) ?? missing);
  const shortYear = part("shortYear");
  const year = shortYear === undefined
    ? number("year", 1)
    : Number(shortYear) + (Number(shortYear) < YEAR_PIVOT ? 2000 : 1900);
  let hour = number("hour", 0);
  if (twelveHours) {
    if (hour < 1 || hour > 12) return null;
    hour = hour % 12 + (/^p/iu.test(part("half") ?? "") ? 12 : 0);
  }
  const moment = {
    year,
    month: number("month", 1),
    day: number("day", 1),
    hour,
    minute: number("minute", 0),
    second: number("second", 0),
    fraction: withoutTrailingZeros(part("fraction") ?? ""),
  };
  const offset = canonicalOffset(part("offset"));
  if (offset === null || !isDate(moment.year, moment.month, moment.day)) return null;
  return isTime(moment.hour, moment.minute, moment.second) ? { ...moment, offset } : null;
}
