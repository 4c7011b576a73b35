/**
 * The canonical form of a value's text, which is the same for any two values that Postgres takes as
 * equal. Different values may share a form as well, which only costs a deferral.
 */
import type { ValueType } from "../importer/definition.ts";
import type { Hashing } from "../kernel/columns.ts";
import type { TableColumn } from "../load/table.ts";

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
      return (text) => text.replace(/ +$/, "");
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
    const rest = digits.slice(point).replace(/0+$/, "");
    if (integer === "" && rest === "") return "0";
    return `${sign === "-" ? "-" : ""}${integer}.${rest}`;
  };
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** Marks a local time, which can't be compared here with one that has a zone. */
export const LOCAL_TIME = "local ";

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

/** Like C's rint, which Postgres uses for the fraction of a second. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The moment from which Postgres counts: a half is rounded away from 2000-01-01. */
const EPOCH = 946_684_800_000_000n;

function roundToUnit(micros: bigint, unit: bigint): bigint {
  const half = unit / 2n;
  return (micros >= 0n ? micros + half : micros - half) / unit;
}

/** The offset as Date.parse wants it: `+02` and `+0200` become `+02:00`. */
function offset(zone: string | undefined): string {
  if (zone === undefined || zone === "Z") return "Z";
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
