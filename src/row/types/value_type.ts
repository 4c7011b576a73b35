/** The type of a column's values, and its program. */
import { type ColumnRule, DEFAULT_COLUMN, type ValueType } from "../../importer/definition.ts";
import type { TableColumn } from "../../load/catalog/table.ts";
import { booleanProgram } from "./boolean.ts";
import { dateProgram, timeProgram, timestampProgram } from "./date_time.ts";
import { emailProgram } from "./email.ts";
import { integerProgram } from "./integer.ts";
import { floatProgram, numericProgram } from "./numeric.ts";
import { jsonProgram, textProgram, urlProgram } from "./text.ts";
import { uuidProgram } from "./uuid.ts";
import type { ValueProgram } from "./value_program.ts";

/** Used if the rule has no type. Types that are not listed go to Postgres as text. */
const BY_BASE_TYPE: ReadonlyMap<string, ValueType> = new Map([
  ["int2", "integer"],
  ["int4", "integer"],
  ["int8", "integer"],
  ["numeric", "numeric"],
  ["float4", "float"],
  ["float8", "float"],
  ["bool", "boolean"],
  ["date", "date"],
  ["time", "time"],
  ["timestamp", "timestamp"],
  ["timestamptz", "timestamp"],
  ["uuid", "uuid"],
  ["json", "json"],
  ["jsonb", "json"],
]);

/** Every canonical value of the type is also a value of the types listed for it. */
const CONTAINED: Readonly<Partial<Record<ValueType, readonly ValueType[]>>> = {
  integer: ["numeric", "float"],
  numeric: ["float"],
};

const TEXT_TYPES: ReadonlySet<string> = new Set(["text", "varchar", "bpchar", "citext"]);

export function isText(column: TableColumn): boolean {
  return TEXT_TYPES.has(column.baseType);
}

export function isNumber(type: ValueType): boolean {
  return type === "integer" || type === "numeric" || type === "float";
}

/** The type of the table's column. */
export function catalogType(column: TableColumn): ValueType {
  return BY_BASE_TYPE.get(column.baseType) ?? "text";
}

/**
 * Does the column take every value of this type, so that values need not be judged twice? `text`
 * says that only Postgres judges.
 */
export function takesAll(column: TableColumn, type: ValueType): boolean {
  const own = catalogType(column);
  if (type === "text") return true;
  return own === "text" || own === type || (CONTAINED[type]?.includes(own) ?? false);
}

/** The notation of values that the rule describes. */
export type Notation = Pick<
  ColumnRule,
  "format" | "decimal" | "thousands" | "accept" | "true" | "false"
>;

/** The notation that definitions and Postgres use. */
export const PLAIN: Notation = DEFAULT_COLUMN;

/**
 * `column`: where the values go. If it has a type of Postgres's own, the program also takes what
 * Postgres writes for that type. A text column takes anything, so there the rule's type is stricter.
 */
export function valueProgram(
  type: ValueType,
  notation: Notation,
  column: TableColumn,
): ValueProgram {
  const native = catalogType(column) !== "text";
  switch (type) {
    case "integer":
      return integerProgram(notation);
    case "numeric":
      return numericProgram(notation, native);
    case "float":
      return floatProgram(notation);
    case "boolean":
      return booleanProgram(notation.true, notation.false, native);
    case "date":
      return dateProgram(notation.format, native);
    case "time":
      return timeProgram(notation.format, native);
    case "timestamp":
      return timestampProgram(notation.format, native);
    case "uuid":
      return uuidProgram(native);
    case "email":
      return emailProgram();
    case "url":
      return urlProgram();
    case "json":
      return jsonProgram();
    case "text":
      return textProgram();
  }
}
