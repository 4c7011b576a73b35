import { canonicalOffset, isDate, isTime, type Moment, withoutTrailingZeros } from "./calendar.ts";

type Part =
  | "year"
  | "shortYear"
  | "month"
  | "day"
  | "hour"
  | "minute"
  | "second"
  | "fraction"
  | "half"
  | "offset";

/** What a sequence of one letter means, and the text that it matches. */
const TOKENS: ReadonlyMap<string, readonly [Part, string]> = new Map([
  ["yyyy", ["year", "\\d{4}"]],
  ["yy", ["shortYear", "\\d{2}"]],
  ["MM", ["month", "\\d{2}"]],
  ["M", ["month", "\\d{1,2}"]],
  ["dd", ["day", "\\d{2}"]],
  ["d", ["day", "\\d{1,2}"]],
  ["HH", ["hour", "\\d{2}"]],
  ["H", ["hour", "\\d{1,2}"]],
  ["hh", ["hour", "\\d{2}"]],
  ["h", ["hour", "\\d{1,2}"]],
  ["mm", ["minute", "\\d{2}"]],
  ["ss", ["second", "\\d{2}"]],
  ["SSS", ["fraction", "\\d{3}"]],
  ["a", ["half", "[AaPp]\\.?[Mm]\\.?"]],
  ["Z", ["offset", "[Zz]|[+-]\\d{2}(?::?\\d{2})?"]],
]);

/** A two-digit year below this is in the 2000s, else in the 1900s, as in Postgres. */
const PIVOT = 70;

/** The format contains something that is not a part of a date or time. */
export class UnknownDateFormat extends Error {
  override readonly name = "UnknownDateFormat";
}

/**
 * Compiles a format such as `dd.MM.yyyy HH:mm`. Everything that is not a letter stands for itself,
 * and so do `T` and text in single quotes. The function returns null for a text that doesn't have
 * this form, or names a day or time that doesn't exist. Throws UnknownDateFormat.
 */
export function compileDateFormat(format: string): (text: string) => Moment | null {
  const parts: Part[] = [];
  let pattern = "";
  for (const [piece, quoted, letters] of format.matchAll(/'([^']*)'|(([A-Za-z])\3*)|[^]/gu)) {
    if (letters === undefined || letters === "T") {
      pattern += RegExp.escape(quoted ?? piece);
      continue;
    }
    const token = TOKENS.get(letters);
    if (token === undefined || parts.includes(token[0])) {
      throw new UnknownDateFormat(
        `${JSON.stringify(format)} is not a date format: ` +
          (token ? `it has ${letters} twice` : `${letters} is not one of the known parts`) +
          ` (${[...TOKENS.keys()].join(", ")}; put other text in single quotes).`,
      );
    }
    parts.push(token[0]);
    pattern += `(${token[1]})`;
  }
  const shape = new RegExp(`^${pattern}$`, "u");
  const twelveHours = parts.includes("half");
  return (text) => {
    const match = shape.exec(text);
    if (match === null) return null;
    const part = (name: Part) => {
      const index = parts.indexOf(name);
      return index < 0 ? undefined : match[index + 1];
    };
    return toMoment(part, twelveHours);
  };
}

function toMoment(part: (name: Part) => string | undefined, twelveHours: boolean): Moment | null {
  const number = (name: Part, missing: number) => Number(part(name) ?? missing);
  const shortYear = part("shortYear");
  const year = shortYear === undefined
    ? number("year", 1)
    : Number(shortYear) + (Number(shortYear) < PIVOT ? 2000 : 1900);
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
