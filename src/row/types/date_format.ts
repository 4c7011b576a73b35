import {
  type DatePart,
  type FormatPiece,
  isCounted,
  readFormat,
  YEAR_PIVOT,
} from "../../importer/date_format.ts";
import type { ByteFormat, FormatPart } from "../byte_rule.ts";
import { canonicalOffset, isDate, isTime, type Moment, withoutTrailingZeros } from "./calendar.ts";
import { countedReader, UNIX_PLACES } from "./counted_date.ts";
import { monthOf } from "./month_names.ts";

/** What each part looks like. */
const SHAPES: Readonly<Record<DatePart, (letters: string) => string>> = {
  year: () => "\\d{4}",
  shortYear: () => "\\d{2}",
  month: (letters) => letters.length > 2 ? "\\p{L}[\\p{L}\\p{M}]*\\.?" : digits(letters),
  day: digits,
  hour: digits,
  minute: digits,
  second: digits,
  fraction: (letters) => `\\d{${letters.length}}`,
  half: () => "[AaPp]\\.?[Mm]\\.?",
  offset: () => "[Zz]|[+-]\\d{2}(?::?\\d{2})?",
  zone: () =>
    "(?![AaPp][Mm]\\b)[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*|[+-]\\d{2}(?::?\\d{2})?",
  weekday: () => "\\p{L}[\\p{L}\\p{M}]*\\.?",
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
  if (isCounted(format)) return countedReader(format);
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

/** The format for the kernel; null for one with names, and for one that the kernel might misread. */
export function byteFormat(format: string): ByteFormat | null {
  if (isCounted(format)) {
    return format === "excel"
      ? null
      : { twelveHours: false, parts: [{ part: "count", digits: UNIX_PLACES[format] }] };
  }
  const pieces = readFormat(format);
  if (typeof pieces === "string") return null;
  const parts: FormatPart[] = [];
  for (const [index, piece] of pieces.entries()) {
    const known = "part" in piece
      ? bytePart(piece.part, piece.letters)
      : byteLiteral(piece.literal);
    if (known === null) return null;
    if (!endsClearly(piece, pieces[index + 1])) return null;
    parts.push(...known);
  }
  return { twelveHours: parts.some(({ part }) => part === "half"), parts };
}

function bytePart(part: DatePart, letters: string): FormatPart[] | null {
  switch (part) {
    case "year":
    case "half":
    case "offset":
      return [{ part }];
    case "shortYear":
      return [{ part, digits: 2 }];
    case "fraction":
      return [{ part, digits: letters.length }];
    case "zone":
    case "weekday":
      return null;
    default:
      return letters.length > 2 ? null : [{ part, digits: letters.length === 1 ? 1 : 2 }];
  }
}

function byteLiteral(text: string): FormatPart[] | null {
  const bytes = Array.from(new TextEncoder().encode(text));
  if (bytes.some((byte) => byte > 127)) return null;
  return bytes.map((byte) => ({ part: "literal", byte }));
}

/** Is there one place only where the piece can end, because it couldn't go on with the next one? */
function endsClearly(piece: FormatPiece, next: FormatPiece | undefined): boolean {
  if (next === undefined || !("part" in piece)) return true;
  const { part, letters } = piece;
  const isElastic = part === "half" || part === "offset" ||
    (letters.length === 1 && part !== "fraction");
  if (!isElastic) return true;
  const ends = part === "half" ? /^[^.]/u : part === "offset" ? /^[^\d:]/u : /^\D/u;
  return "literal" in next && ends.test(next.literal);
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
  const month = monthNumber(part("month"));
  if (month === null) return null;
  const moment = {
    year,
    month,
    day: number("day", 1),
    hour,
    minute: number("minute", 0),
    second: number("second", 0),
    fraction: withoutTrailingZeros(part("fraction") ?? ""),
  };
  const offset = zoneOf(part("zone")) ?? canonicalOffset(part("zone") ?? part("offset"));
  if (offset === null || !isDate(moment.year, moment.month, moment.day)) return null;
  return isTime(moment.hour, moment.minute, moment.second) ? { ...moment, offset } : null;
}

function monthNumber(text: string | undefined): number | null {
  if (text === undefined) return 1;
  return /^\d/u.test(text) ? Number(text) : monthOf(text);
}

/** A zone's name goes to Postgres, which knows when its clocks changed. Null for anything else. */
function zoneOf(text: string | undefined): string | null {
  const isName = text !== undefined && /^[A-Za-z]/u.test(text) && !/^(?:z|utc|gmt)$/iu.test(text);
  return isName ? ` ${text}` : null;
}
