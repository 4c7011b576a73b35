/**
 * A form of a value's text that is the same for any two values which Postgres takes as equal.
 * It may be the same for different values as well: that costs a deferral, nothing else.
 */
import type { ValueType } from "../importer/definition.ts";
import type { Hashing } from "../kernel/columns.ts";
import type { TableColumn } from "../load/table.ts";

export type Canonicalise = (text: string) => string;

/** How to canonicalise a column's values, or null where only Postgres can judge their equality. */
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
      return (text) => /^(t|y|on|1)/i.test(text) ? "t" : "f";
    case "uuid":
      return (text) => text.replaceAll(/[^0-9a-f]/gi, "").toLowerCase();
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
 * Can a column's values be compared as the bytes that the pipeline writes? `plain`: it writes
 * values that are equal in one form. `folded`: ASCII text once it is folded, as below.
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

/** A form that different values never share, where `coarse` is the same for some of them. */
export function exactForm(column: TableColumn, coarse: Canonicalise): Canonicalise {
  if (coarse !== folded) return coarse;
  switch (column.baseType) {
    case "bpchar":
      return (text) => text.replace(/ +$/, "");
    case "citext":
      return (text) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
    default:
      return asItIs;
  }
}

const asItIs: Canonicalise = (text) => text;

/**
 * Case and outer blanks never tell keys apart here: triggers like to change just these. Beyond
 * ASCII, what is the same letter in another case depends on who is asked (ß, İ, ς), so that
 * accents and the like don't count either.
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
    // Beyond what numeric can hold; Postgres will refuse it.
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
    const rest = digits.slice(point).replace(/0+$/, "");
    if (integer === "" && rest === "") return "0";
    return `${sign === "-" ? "-" : ""}${integer}.${rest}`;
  };
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** Forms that can't be compared with each other here; a value is of one of them. */
export const LOCAL_TIME = "local ";

/**
 * An instant in microseconds where there is a zone, else the wall clock's reading: what that
 * means for a timestamptz depends on the session's time zone. A timestamp has no zone, and
 * Postgres ignores one in its text.
 */
function timestamp(column: TableColumn): Canonicalise | null {
  // How a domain's base type is rounded is not known here.
  if (column.isDomain) return null;
  const zoned = column.baseType === "timestamptz";
  const places = /\((\d)\)/.exec(column.type)?.[1] ?? "6";
  const unit = 10n ** BigInt(6 - Number(places));
  return (text) => {
    const match = TIMESTAMP.exec(text);
    if (match === null) return text;
    const [, date, time, fraction = ".0", zone] = match;
    const at = zoned ? offset(zone) : "Z";
    const seconds = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}${at}`);
    if (Number.isNaN(seconds)) return text;
    const micros = BigInt(seconds) * 1000n +
      BigInt(roundHalfEven(Number(`0${fraction}`) * 1e6));
    const rounded = unit === 1n ? micros : roundToUnit(micros - EPOCH, unit);
    return `${zoned && zone !== undefined ? "utc " : LOCAL_TIME}${rounded}`;
  };
}

/** As C's rint, by which Postgres reads the fraction of a second. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Where Postgres counts from: a half is rounded away from 2000-01-01. */
const EPOCH = 946_684_800_000_000n;

function roundToUnit(micros: bigint, unit: bigint): bigint {
  const half = unit / 2n;
  return (micros >= 0n ? micros + half : micros - half) / unit;
}

/** As Date.parse wants it: `+02` and `+0200` become `+02:00`. */
function offset(zone: string | undefined): string {
  if (zone === undefined || zone === "Z") return "Z";
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
