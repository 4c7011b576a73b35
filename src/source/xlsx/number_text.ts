/** Writes a cell's number as its format shows it, without losing digits. */
import type { Shape, Token } from "./number_format.ts";

const DAY_SECONDS = 86_400;
const DAY_MILLIS = DAY_SECONDS * 1000;
/** Days from 1899-12-30, from which workbooks count after February 1900, to 1970-01-01. */
const EPOCH = 25_569;
/** Days between the first days of both systems. */
const FROM_1904 = 1462;
/** The day after 9999-12-31. */
const LAST_DAY = 2_958_466;
/** Programs count 1900 as a leap year, and so this as 29 February 1900. */
const FALSE_DAY = 60;
/** Milliseconds by which a number may miss the second that somebody typed. */
const NEARLY = 1;

/** `is1904`: the workbook counts its days from 1904. */
export function numberText(value: number, shape: Shape, is1904: boolean): string {
  switch (shape.kind) {
    case "moment":
      return momentText(value, shape, is1904) ?? plainNumber(value);
    case "elapsed":
      return elapsedText(value, shape.tokens);
    case "digits":
      return digitsText(value, shape);
    default:
      return plainNumber(value);
  }
}

/**
 * With the 15 digits that a spreadsheet shows, so that 0.1 + 0.2 is 0.3. Whole numbers have all of
 * theirs: they may be long ids that another program wrote.
 */
export function plainNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  const text = String(Number(value.toPrecision(15)));
  const exponent = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/u.exec(text);
  if (exponent === null) return text;
  const [, sign, first, rest = "", power] = exponent;
  const digits = first + rest;
  const places = Number(power);
  if (places < 0) return places < -30 ? text : `${sign}0.${"0".repeat(-places - 1)}${digits}`;
  return places > 30 ? text : sign + digits.padEnd(places + 1, "0");
}

type Moment = Extract<Shape, { kind: "moment" }>;

/** ISO 8601, with a space between date and time; null if no calendar has the day. */
export function momentText(
  serial: number,
  { date, time, fraction }: Moment,
  is1904: boolean,
): string | null {
  if (!(serial >= 0)) return null;
  let day = Math.floor(serial);
  let millis = Math.round((serial - day) * DAY_MILLIS);
  const beyond = millis % 1000;
  if (!fraction && (beyond <= NEARLY || beyond >= 1000 - NEARLY)) {
    millis = Math.round(millis / 1000) * 1000;
  }
  if (millis >= DAY_MILLIS) {
    day++;
    millis = 0;
  }
  if (day + (is1904 ? FROM_1904 : 0) >= LAST_DAY) return null;
  if (!date) return timeText(millis);
  const text = is1904 ? dateText(day + FROM_1904) : dateOf1900(day);
  return time ? `${text} ${timeText(millis)}` : text;
}

/** Has a moment a time of day, or a date, that its format doesn't show? */
export function isMoreThanShown(serial: number, { date, time }: Moment): boolean {
  if (date && time) return false;
  return date ? serial % 1 >= 1 / DAY_MILLIS : serial >= 1;
}

function dateOf1900(day: number): string {
  if (day > FALSE_DAY) return dateText(day);
  if (day === FALSE_DAY) return "1900-02-29";
  return day === 0 ? "1900-01-00" : dateText(day + 1);
}

/** Dates that were written already; most columns have some thousand. */
const DATES = new Map<number, string>();
const MOST_DATES = 20_000;

/** `day`: since 1899-12-30. */
function dateText(day: number): string {
  const known = DATES.get(day);
  if (known !== undefined) return known;
  const text = isoDate(day);
  if (DATES.size === MOST_DATES) DATES.clear();
  DATES.set(day, text);
  return text;
}

function isoDate(day: number): string {
  const date = new Date((day - EPOCH) * DAY_MILLIS);
  return `${digits(date.getUTCFullYear(), 4)}-${digits(date.getUTCMonth() + 1, 2)}-${
    digits(date.getUTCDate(), 2)
  }`;
}

function timeText(millis: number): string {
  const seconds = Math.floor(millis / 1000);
  const rest = millis % 1000;
  const text = `${digits(Math.floor(seconds / 3600), 2)}:${
    digits(Math.floor(seconds / 60) % 60, 2)
  }:${digits(seconds % 60, 2)}`;
  return rest === 0 ? text : `${text}.${digits(rest, 3).replace(/0+$/u, "")}`;
}

function digits(value: number, places: number): string {
  return String(value).padStart(places, "0");
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/** As seen, such as `37:30`. */
function elapsedText(value: number, tokens: readonly Token[]): string {
  const places = fractionPlaces(tokens);
  const scale = 10 ** places;
  const counted = Math.round(Math.abs(value) * DAY_SECONDS * scale);
  const seconds = Math.floor(counted / scale);
  let text = "";
  let isFraction = false;
  for (const token of tokens) {
    const unit = UNIT_SECONDS[token.text[0]];
    if (token.kind === "total") text += digits(Math.floor(seconds / unit), token.text.length);
    else if (token.kind === "unit" && unit !== undefined) {
      const most = token.text.startsWith("h") ? 24 : 60;
      text += digits(Math.floor(seconds / unit) % most, token.text.length);
    } else if (token.kind === "sign" && token.text === "." && places > 0) {
      isFraction = true;
      text += `.${digits(counted % scale, places)}`;
    } else if (token.kind === "literal" || (token.kind === "digit" && !isFraction)) {
      text += token.text;
    }
  }
  return value < 0 && counted > 0 ? `-${text}` : text;
}

function fractionPlaces(tokens: readonly Token[]): number {
  return tokens.filter(({ kind }) => kind === "digit").length;
}

type Digits = Extract<Shape, { kind: "digits" }>;

/** Only whole numbers: those with a fraction would lose it. */
function digitsText(value: number, { tokens, isNegative }: Digits): string {
  if (!Number.isSafeInteger(value)) return plainNumber(value);
  const rest = [...String(Math.abs(value))];
  const first = tokens.findIndex(({ kind }) => kind === "digit");
  let text = "";
  for (let i = tokens.length - 1; i >= 0; i--) {
    const { kind, text: own } = tokens[i];
    if (kind === "literal") text = own + text;
    else if (i === first) text = (rest.join("") || (own === "0" ? "0" : "")) + text;
    else text = (rest.pop() ?? (own === "0" ? "0" : "")) + text;
  }
  return value < 0 && !isNegative ? `-${text}` : text;
}
