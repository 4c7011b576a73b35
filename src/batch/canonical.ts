/**
 * A form of a value's text that is the same for any two values which Postgres takes as equal.
 * It may be the same for different values as well: that costs a deferral, nothing else.
 */
import type { ValueType } from "../importer/definition.ts";
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
    case "name":
      return folded;
    case "int2":
    case "int4":
    case "int8":
    case "oid":
      return number(0);
    case "numeric":
      return number(column.scale);
    case "float4":
      return (text) => String(Math.fround(Number(text)));
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
      return valueType === "timestamp" ? timestamp : null;
    default:
      return null;
  }
}

const asItIs: Canonicalise = (text) => text;

/** Case and outer blanks never tell keys apart here: triggers like to change just these. */
const folded: Canonicalise = (text) => text.trim().toLowerCase();

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
 * means for a timestamptz depends on the session's time zone.
 */
const timestamp: Canonicalise = (text) => {
  const match = TIMESTAMP.exec(text);
  if (match === null) return text;
  const [, date, time, fraction = ".0", zone] = match;
  const seconds = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}${offset(zone)}`);
  const micros = seconds * 1000 + Math.round(Number(`0${fraction}`) * 1e6);
  return `${zone === undefined ? LOCAL_TIME : "utc "}${micros}`;
};

/** As Date.parse wants it: `+02` and `+0200` become `+02:00`. */
function offset(zone: string | undefined): string {
  if (zone === undefined || zone === "Z") return "Z";
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
