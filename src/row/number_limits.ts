/** The limits of a number: the rule's `min` and `max`, and the range of the column's type. */
import type { ColumnRule } from "../importer/definition.ts";
import type { TableColumn } from "../load/catalog/table.ts";
import type { Bounds, ByteForm } from "./byte_rule.ts";
import type { Check } from "./check_step.ts";
import type { ProblemOf, ValueProblem } from "./value_problem.ts";
import { isZero } from "./types/number_format.ts";

type Limit = (canonical: string) => ValueProblem | null;

const INTEGER_BITS: ReadonlyMap<string, bigint> = new Map([["int2", 15n], ["int4", 31n], [
  "int8",
  63n,
]]);
/** Postgres's numeric without precision: digits before and after the point. */
const NUMERIC_WHOLE_DIGITS = 131_072, NUMERIC_FRACTION_DIGITS = 16_383;
const EXACT_DIGITS = 15;
/** More digits than this are beyond every double, and slow as a bigint. */
const BIGINT_DIGITS = 400;

/**
 * On the bytes, takes only numbers that are certainly within the limits. That is enough for every type: a
 * number that the kernel takes has at most 15 digits before the point, which every numeric without
 * a precision and every float can hold.
 */
function withinBounds(rule: ColumnRule, column: TableColumn): ByteForm {
  const bounds = safeBounds(rule, column);
  return (before) => {
    const { value } = before;
    return value.kind === "integer" || value.kind === "decimal"
      ? { ...before, value: { ...value, bounds } }
      : null;
  };
}

/** Numbers within these bounds are good, whatever the exact limits are. */
function safeBounds(rule: ColumnRule, column: TableColumn): Bounds {
  let lowest = rule.min ?? -Infinity;
  let highest = rule.max ?? Infinity;
  const bits = INTEGER_BITS.get(column.baseType);
  if (bits !== undefined) {
    lowest = Math.max(lowest, -Number(2n ** bits));
    highest = Math.min(highest, Number(2n ** bits - 1n));
  } else if (column.precision !== null) {
    // One less than the limit, so that rounding to the scale doesn't reach it.
    const scale = column.scale ?? 0;
    const limit = scale < 0 ? -1 : 10 ** (column.precision - scale) - 1;
    lowest = Math.max(lowest, -limit);
    highest = Math.min(highest, limit);
  }
  return { lowest, highest };
}

/**
 * Reports at most one problem, the rule's first, because its limits are usually narrower. `min` and
 * `max` are compared as doubles, integers exactly.
 */
export function limitCheck(rule: ColumnRule, column: TableColumn, problemOf: ProblemOf): Check {
  const ruled = ruleCheck(rule, problemOf);
  const fits = rangeCheck(column, problemOf);
  return {
    text: (canonical) => ruled(canonical) ?? fits(canonical),
    bytes: withinBounds(rule, column),
  };
}

function ruleCheck({ min, max }: ColumnRule, problemOf: ProblemOf): Limit {
  if (min === null && max === null) return () => null;
  const predicate = min === null
    ? `must be at most ${max}`
    : max === null
    ? `must be at least ${min}`
    : `must be between ${min} and ${max}`;
  const below = problemOf("min", predicate);
  const above = problemOf("max", predicate);
  return (canonical) => {
    const value = numberOf(canonical);
    // NaN is neither above nor below the limits, and must still be refused.
    if (min !== null && !(value >= min)) return below;
    if (max !== null && !(value <= max)) return above;
    return null;
  };
}

function numberOf(canonical: string): number | bigint {
  const exact = canonical.length > EXACT_DIGITS && canonical.length <= BIGINT_DIGITS &&
    /^-?\d+$/u.test(canonical);
  return exact ? BigInt(canonical) : Number(canonical);
}

function rangeCheck(column: TableColumn, problemOf: ProblemOf): Limit {
  const bits = INTEGER_BITS.get(column.baseType);
  if (bits !== undefined) return integerRange(bits, problemOf);
  if (column.baseType === "numeric") return numericRange(column, problemOf);
  if (column.baseType === "float4" || column.baseType === "float8") {
    return floatRange(column, problemOf);
  }
  return () => null;
}

function integerRange(bits: bigint, problemOf: ProblemOf): Limit {
  const lowest = -(2n ** bits);
  const highest = 2n ** bits - 1n;
  const problem = problemOf("out_of_range", `must be between ${lowest} and ${highest}`);
  return (canonical) => {
    const value = numberOf(canonical);
    return value >= lowest && value <= highest ? null : problem;
  };
}

function numericRange({ precision, scale }: TableColumn, problemOf: ProblemOf): Limit {
  if (precision === null) {
    const problem = problemOf("out_of_range", "is out of range");
    return (canonical) => {
      const { digits, point, fraction } = positional(canonical);
      if (digits === "") return null;
      return point > NUMERIC_WHOLE_DIGITS || fraction > NUMERIC_FRACTION_DIGITS ? problem : null;
    };
  }
  const places = scale ?? 0;
  const most = largest(precision, places);
  const problem = problemOf("out_of_range", `must be between -${most} and ${most}`);
  return (canonical) => {
    if (canonical.endsWith("Infinity")) return problem;
    const { digits, point } = positional(canonical);
    if (digits === "" || point < precision - places) return null;
    if (point > precision - places) return problem;
    // The digits just fit: only rounding up from 99…9 exceeds the limit.
    const roundsUp = /^9*$/u.test(digits.slice(0, precision)) &&
      digits.length > precision && digits[precision] >= "5";
    return roundsUp ? problem : null;
  };
}

function floatRange(column: TableColumn, problemOf: ProblemOf): Limit {
  const problem = problemOf("out_of_range", `is out of range for ${column.type}`);
  const narrow = column.baseType === "float4" ? Math.fround : (value: number) => value;
  return (canonical) => {
    if (/^(?:NaN|-?Infinity)$/u.test(canonical)) return null;
    const value = narrow(Number(canonical));
    const lost = value === 0 && !isZero(canonical);
    return lost || !Number.isFinite(value) ? problem : null;
  };
}

/** The significant digits, and the position of the point: 0.0012 is `12` with point -2. */
function positional(canonical: string) {
  const [, whole, fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:e(-?\d+))?$/u.exec(canonical) ?? ["", ""];
  const all = whole + fraction;
  const digits = all.replace(/^0+/u, "");
  return {
    digits,
    point: whole.length - (all.length - digits.length) + Number(exponent),
    fraction: fraction.length - Number(exponent),
  };
}

/** `999.99` for numeric(5,2). */
function largest(precision: number, scale: number): string {
  if (scale <= 0) return "9".repeat(precision) + "0".repeat(-scale);
  const digits = "9".repeat(precision).padStart(scale, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${whole === "" ? "0" : whole}.${digits.slice(digits.length - scale)}`;
}
