/**
 * The notation of `format`: which parts it may have, and which a date or a time must have. `check`
 * and row/types/date_format.ts read a format with the same function, so one can't refuse what the
 * other takes.
 */
import { describe, type Finding } from "./problem.ts";
import { suggestFormat } from "./suggest_format.ts";
import type { ValueType } from "./definition.ts";

export type DatePart =
  | "year"
  | "shortYear"
  | "month"
  | "day"
  | "hour"
  | "minute"
  | "second"
  | "fraction"
  | "half"
  | "offset"
  | "zone"
  | "weekday";

/** Numbers that stand for a moment. Such a word is a format by itself. */
export const COUNTED_FORMATS = ["unix", "unix_ms", "unix_us", "excel"] as const;

export type CountedFormat = (typeof COUNTED_FORMATS)[number];

/** What a run of one letter stands for; from `S` to `SSSSSSSSS` are fractions of a second, too. */
export const FORMAT_PARTS: ReadonlyMap<string, DatePart> = new Map([
  ["yyyy", "year"],
  ["yy", "shortYear"],
  ["MMMM", "month"],
  ["MMM", "month"],
  ["MM", "month"],
  ["M", "month"],
  ["dd", "day"],
  ["d", "day"],
  ["EEEE", "weekday"],
  ["EEE", "weekday"],
  ["HH", "hour"],
  ["H", "hour"],
  ["hh", "hour"],
  ["h", "hour"],
  ["mm", "minute"],
  ["ss", "second"],
  ["SSS", "fraction"],
  ["SSSSSS", "fraction"],
  ["a", "half"],
  ["Z", "offset"],
  ["z", "zone"],
]);

/** A two-digit year below this is in the 2000s, else in the 1900s, as in Postgres. */
export const YEAR_PIVOT = 70;

/** For people: what a two-digit year means. */
export const PIVOT_RULE =
  "a two-digit year from 00 to 69 is 2000 to 2069, from 70 to 99 1970 to 1999";

export type DateKind = Extract<ValueType, "date" | "time" | "timestamp">;

export type FormatPiece =
  | { readonly part: DatePart; readonly letters: string }
  | { readonly literal: string };

/** In words, for messages. */
const NAMES: Readonly<Record<DatePart, string>> = {
  year: "year",
  shortYear: "year",
  month: "month",
  day: "day",
  hour: "hours",
  minute: "minutes",
  second: "seconds",
  fraction: "fractions of a second",
  half: "am or pm",
  offset: "offset",
  zone: "offset",
  weekday: "weekday",
};

/** Parts that mean nothing without the other. */
const NEEDS: readonly (readonly [DatePart, DatePart])[] = [
  ["minute", "hour"],
  ["second", "minute"],
  ["fraction", "second"],
  ["half", "hour"],
];

/**
 * Everything that is not a letter stands for itself, and so do `T` and text in single quotes.
 * Returns the first letters that are not a part instead, such as `YYYY`.
 */
export function readFormat(format: string): readonly FormatPiece[] | string {
  const pieces: FormatPiece[] = [];
  for (const [piece, quoted, letters] of format.matchAll(/'([^']*)'|(([A-Za-z])\3*)|[^]/gu)) {
    if (letters === undefined || letters === "T") {
      pieces.push({ literal: quoted ?? piece });
      continue;
    }
    const part = /^S{1,9}$/u.test(letters) ? "fraction" : FORMAT_PARTS.get(letters);
    if (part === undefined) return letters;
    pieces.push({ part, letters });
  }
  return pieces;
}

/**
 * Why the format can't be used for these kinds of values; null if it can be, for one of them.
 * `beside`: the column's other formats.
 */
export function formatMistake(
  format: string,
  kinds: readonly DateKind[],
  beside: readonly string[] = [],
): Finding | null {
  const mistakes = kinds.map((kind) => mistakeFor(format, kind, beside));
  if (mistakes.includes(null)) return null;
  const suggestion =
    kinds.map((kind) => suggestFormat(format, (fixed) => mistakeFor(fixed, kind, beside) === null))
      .find((fixed) => fixed !== null) ?? null;
  return mistakes[0] && { ...mistakes[0], suggestion };
}

export function isCounted(format: string): format is CountedFormat {
  return COUNTED_FORMATS.some((word) => word === format);
}

/** Does the format have a time of day? */
export function hasTime(format: string): boolean {
  return isCounted(format) ? format !== "excel" : has(readFormat(format), "hour");
}

/** Does the format have a year of two digits? */
export function hasShortYear(format: string): boolean {
  return has(readFormat(format), "shortYear");
}

/** Can one text have both forms, and mean another day in each, as `03/04/2024`? */
export function areConfusable(one: string, other: string): boolean {
  const [a, b] = [one, other].map(readFormat);
  if (isCounted(one) || isCounted(other) || typeof a === "string" || typeof b === "string") {
    return false;
  }
  const parts = (pieces: readonly FormatPiece[]) =>
    pieces.map((piece) => "part" in piece ? piece.part : piece.literal).join("\0");
  return shapeOf(a) === shapeOf(b) && parts(a) !== parts(b);
}

/** What both could be; days and months of one digit or two look alike. */
function shapeOf(pieces: readonly FormatPiece[]): string {
  return pieces.map((piece) => {
    if ("literal" in piece) return `'${piece.literal}'`;
    return piece.letters.length <= 2 && !isWord(piece) ? "number" : piece.letters;
  }).join("");
}

function has(pieces: readonly FormatPiece[] | string, part: DatePart): boolean {
  return typeof pieces !== "string" &&
    pieces.some((piece) => "part" in piece && piece.part === part);
}

function mistakeFor(format: string, kind: DateKind, beside: readonly string[]): Finding | null {
  if (isCounted(format)) {
    if (kind !== "time" || format === "excel") return null;
    return {
      found: describe(format),
      expected: "a format for a time",
      sentence: `${describe(format)} is a moment, which a time can't be`,
    };
  }
  const pieces = readFormat(format);
  const shown = describe(format);
  if (typeof pieces === "string") {
    return {
      found: `${describe(pieces)} in ${shown}`,
      expected: `the parts ${[...FORMAT_PARTS.keys()].join(", ")}, other letters in single ` +
        `quotes, or one of the words ${COUNTED_FORMATS.join(", ")}`,
    };
  }
  const sentence = (text: string): Finding => ({
    found: shown,
    expected: `a format for a ${kind}`,
    sentence: `${shown} ${text}`,
  });
  if (format.replaceAll(/'[^']*'/gu, "").includes("'")) {
    return sentence("has a quote that is not closed");
  }
  const parts = pieces.flatMap((piece) => "part" in piece ? [piece] : []);
  for (const [index, { part, letters }] of parts.entries()) {
    const earlier = parts.slice(0, index).find((other) => NAMES[other.part] === NAMES[part]);
    if (earlier === undefined) continue;
    return sentence(
      letters === earlier.letters
        ? `has ${letters} twice`
        : `has the ${NAMES[part]} twice: ${earlier.letters} and ${letters}`,
    );
  }
  const included = new Set(parts.map(({ part }) => part));
  const blurred = findBlurred(pieces);
  if (blurred !== null) {
    return sentence(`has ${blurred}, which can't be told apart; use MM, dd or HH, or a separator`);
  }
  for (const [part, needed] of NEEDS) {
    const found = parts.find((one) => one.part === part);
    if (found === undefined || included.has(needed)) continue;
    return sentence(`has ${NAMES[part]} (${found.letters}) without ${NAMES[needed]}`);
  }
  return completeness(kind, included, beside, sentence);
}

function completeness(
  kind: DateKind,
  included: ReadonlySet<DatePart>,
  beside: readonly string[],
  sentence: (text: string) => Finding,
): Finding | null {
  const hasYear = included.has("year") || included.has("shortYear");
  const dateParts = [
    ...hasYear ? ["year"] : [],
    ...(["month", "day"] as const).filter((part) => included.has(part)),
  ];
  if (kind === "time") {
    if (dateParts.length > 0) {
      return sentence(`has a ${dateParts[0]}, which a time can't have`);
    }
    return included.has("hour") ? null : sentence("has no hours, which a time needs");
  }
  const missing = ["year", "month", "day"].find((part) => !dateParts.includes(part));
  if (missing !== undefined) return sentence(`has no ${missing}, which a ${kind} needs`);
  // Where another format has the time, its author knows that a date alone means its midnight.
  if (kind === "date" || included.has("hour") || beside.some(hasTime)) return null;
  return sentence(
    "has no hours, which a timestamp needs; if the file has dates only, set `type: date`, " +
      "and they become midnight",
  );
}

/** Two parts without a fixed number of digits, side by side: is `1112024` in `dMyyyy` 1 November? */
function findBlurred(pieces: readonly FormatPiece[]): string | null {
  let open: string | null = null;
  for (const piece of pieces) {
    if ("literal" in piece) {
      if (piece.literal !== "") open = null;
    } else if (isWord(piece)) {
      open = null;
    } else if (piece.letters.length === 1 && piece.part !== "fraction") {
      if (open !== null) return `${open} and ${piece.letters} side by side`;
      open = piece.letters;
    }
  }
  return null;
}

/** Does the part begin with something that is not a digit? */
function isWord({ part, letters }: { readonly part: DatePart; readonly letters: string }): boolean {
  return ["half", "offset", "zone", "weekday"].includes(part) ||
    (part === "month" && letters.length > 2);
}
