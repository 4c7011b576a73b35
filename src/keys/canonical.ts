/**
 * The canonical form of a value's text, which is the same for any two values that Postgres takes as
 * equal. Different values may share a form as well, which only costs a deferral.
 */
import type { ValueType } from "../importer/definition.ts";
import type { Hashing } from "../kernel/columns.ts";
import type { TableColumn } from "../load/catalog/table.ts";

export type Canonicalise = (text: string) => string;

/** How to canonicalise a column's values, or null if only Postgres can judge their equality. */
export function canonicaliser(
  column: TableColumn,
  valueType: ValueType | null,
): Canonicalise | null {
  if (!column.deterministic) return null;
  if (column.enumLabels !== null) return asItIs;
  switch (column.baseType) {
    case "text":
    case "varchar":
    case "bpchar":
    case "citext":
      return folded;
  }
  // The values are in any notation that Postgres takes.
  if (valueType === null) return null;
  switch (column.baseType) {
    case "int2":
    case "int4":
    case "int8":
      return number(0);
    case "numeric":
      return number(column.scale);
    // Not float4: rounding to a double first can lead to its neighbour.
    case "float8":
      return (text) => String(Number(text));
    case "bool":
      return (text) => text === "true" ? "t" : "f";
    case "uuid":
      return valueType === "uuid" ? asItIs : null;
    case "date":
      return valueType === "date" ? asItIs : null;
    case "timestamp":
    case "timestamptz":
      return valueType === "timestamp" ? timestamp(column) : null;
    default:
      return null;
  }
}

/**
 * Can a column's values be compared by the bytes that the pipeline writes? `plain`: equal values
 * are written in one form. `folded`: yes for ASCII text, after folding it as below.
 */
export function hashingOf(column: TableColumn, valueType: ValueType | null): Hashing {
  switch (column.baseType) {
    case "text":
    case "varchar":
    case "bpchar":
    case "citext":
      return "folded";
    case "int2":
    case "int4":
    case "int8":
      return valueType === "integer" ? "plain" : null;
    case "date":
      return valueType === "date" ? "plain" : null;
    case "uuid":
      return valueType === "uuid" ? "plain" : null;
    default:
      return null;
  }
}

/** A form that different values never share, unlike `coarse`, which some of them may share. */
export function exactForm(column: TableColumn, coarse: Canonicalise): Canonicalise {
  if (coarse !== folded) return coarse;
  switch (column.baseType) {
    case "bpchar":
      return (text) => withoutLast(text, " ");
    case "citext":
      return (text) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
    default:
      return asItIs;
  }
}

const asItIs: Canonicalise = (text) => text;

/**
 * Ignores case and outer blanks, because triggers often change just these. Beyond ASCII, systems
 * disagree about which letters differ only in case (ß, İ, ς), so accents and the like are ignored
 * as well.
 */
const folded: Canonicalise = (text) => {
  const trimmed = text.trim();
  if (ASCII.test(trimmed)) return trimmed.toLowerCase();
  return trimmed.toUpperCase().normalize("NFKD").replaceAll(/\p{M}/gu, "").toUpperCase()
    .toLowerCase();
};
// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

const NUMBER = /^([+-]?)0*(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

/** Digits without leading and trailing zeros, rounded half away from zero to `scale` places. */
function number(scale: number | null): Canonicalise {
  return (text) => {
    const match = NUMBER.exec(text);
    if (match === null) return text.toLowerCase();
    const [, sign, whole, fraction = "", exponent = "0"] = match;
    const shift = Number(exponent);
    // Numeric can't hold this; Postgres will refuse it.
    if (Math.abs(shift) > 200_000) return text.toLowerCase();
    let digits = whole + fraction;
    let point = whole.length + shift;
    if (point < 0) {
      digits = "0".repeat(-point) + digits;
      point = 0;
    } else if (point > digits.length) {
      digits = digits.padEnd(point, "0");
    }
    if (scale !== null && digits.length - point > scale) {
      const keep = point + scale;
      const roundUp = keep >= 0 && digits.charCodeAt(keep) >= 53; // "5"
      const kept = BigInt(digits.slice(0, Math.max(keep, 0)) || "0") + (roundUp ? 1n : 0n);
      const rounded = String(kept).padStart(Math.max(keep, 0), "0");
      point += rounded.length - Math.max(keep, 0);
      digits = rounded;
    }
    const integer = digits.slice(0, point).replace(/^0+/, "");
    const rest = withoutLast(digits.slice(point), "0");
    if (integer === "" && rest === "") return "0";
    return `${sign === "-" ? "-" : ""}${integer}.${rest}`;
  };
}

/** As types/date_time.ts writes it: date, time, fraction, offset or zone, era. */
const TIMESTAMP =
  /^(\d{4,7})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?(?:([+-])(\d\d)(?::(\d\d)(?::(\d\d))?)?)?( (?!BC$)[A-Za-z].*)?( BC)?$/;

/** Marks a local time, which can't be compared here with one that has a zone. */
export const LOCAL_TIME = "local ";
/** Marks a time that has an offset. */
export const ZONED_TIME = "utc ";
/** Marks a time with a zone's name: only Postgres knows its offset. */
export const NAMED_ZONE = "zone ";

/**
 * An instant in microseconds if there is a zone, else the local time. For a timestamptz, a local
 * time's meaning depends on the session's time zone. A timestamp has no zone, and Postgres ignores
 * one in its text.
 */
function timestamp(column: TableColumn): Canonicalise | null {
  // The precision of a domain's base type is not known here.
  if (column.isDomain) return null;
  const zoned = column.baseType === "timestamptz";
  const places = /\((\d)\)/.exec(column.type)?.[1] ?? "6";
  const unit = 10n ** BigInt(6 - Number(places));
  return (text) => {
    const match = TIMESTAMP.exec(text);
    if (match === null) return text;
    const [, year, month, day, hour, minute, second, fraction = ".0", sign, ...rest] = match;
    const [offsetHour = "0", offsetMinute = "0", offsetSecond = "0", zone, era] = rest;
    if (zoned && zone !== undefined) return NAMED_ZONE + text;
    const days = daysSinceEpoch(
      era === undefined ? Number(year) : 1 - Number(year),
      Number(month),
      Number(day),
    );
    const offset = seconds(offsetHour, offsetMinute, offsetSecond) * (sign === "-" ? -1 : 1);
    const inDay = seconds(hour, minute, second) - (zoned ? offset : 0);
    const micros = BigInt(days * 86_400 + inDay) * 1_000_000n +
      BigInt(roundHalfEven(Number(`0${fraction}`) * 1e6));
    const rounded = unit === 1n ? micros : roundToUnit(micros, unit);
    return `${zoned && sign !== undefined ? ZONED_TIME : LOCAL_TIME}${rounded}`;
  };
}

function seconds(hour: string, minute: string, second: string): number {
  return (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
}

/** From 2000-01-01. Years are counted from March, so that leap days are their last days. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const counted = month < 3 ? year - 1 : year;
  const sinceMarch = (month + 9) % 12;
  return counted * 365 + Math.floor(counted / 4) - Math.floor(counted / 100) +
    Math.floor(counted / 400) + Math.floor((153 * sinceMarch + 2) / 5) + day - 1 - 730_425;
}

/** Like C's rint, which Postgres uses for the fraction of a second. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Rounds away from 2000-01-01, from which Postgres counts. */
function roundToUnit(micros: bigint, unit: bigint): bigint {
  const half = unit / 2n;
  return (micros >= 0n ? micros + half : micros - half) / unit;
}

/** `/0+$/` would look at zeros that are not the last once for each of them. */
function withoutLast(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end--;
  return text.slice(0, end);
}
