/** Values as text that Postgres reads as the same values again. */
import type { TableColumn } from "./catalog/table.ts";

/** Types whose cast to text is what their output is, or means the same. */
const EXACT: ReadonlySet<string> = new Set([
  "bool",
  "int2",
  "int4",
  "int8",
  "oid",
  "numeric",
  "float4",
  "float8",
  "text",
  "varchar",
  "date",
  "time",
  "timetz",
  "timestamp",
  "timestamptz",
  "interval",
  "uuid",
  "json",
  "jsonb",
  "bytea",
]);

/**
 * SQL: the value of a column. A cast to text may lose something: of `character`, it takes the blanks at
 * the end, and anybody may write a cast for a type of their own. `format` takes a type's output.
 */
export function asText({ baseType, type, domainOf }: TableColumn, value: string): string {
  // A type of the same name in another schema is shown with it.
  const isBuiltIn = EXACT.has(baseType) && !/^[^(]*\./.test(domainOf ?? type);
  if (isBuiltIn) return `${value}::text`;
  return `case when ${value} is distinct from null then format('%s', ${value}) end`;
}
