/** Which types of values columns of the table can take. */
import type { TableColumn } from "../../load/catalog/table.ts";
import type { ValueType } from "../definition.ts";

/**
 * What each family of columns can take, besides text. Other combinations can never work. Postgres
 * decides about these, and about columns of other families, value by value.
 */
const TAKEN: Readonly<Record<string, readonly ValueType[]>> = {
  number: ["integer", "numeric", "float"],
  bool: ["boolean", "integer"],
  date: ["date", "timestamp"],
  time: ["time", "timestamp"],
  uuid: ["uuid"],
  json: ["json", "integer", "numeric", "float", "boolean"],
};

const FAMILIES: Readonly<Record<string, keyof typeof TAKEN>> = {
  int2: "number",
  int4: "number",
  int8: "number",
  numeric: "number",
  float4: "number",
  float8: "number",
  bool: "bool",
  date: "date",
  timestamp: "date",
  timestamptz: "date",
  time: "time",
  timetz: "time",
  uuid: "uuid",
  json: "json",
  jsonb: "json",
};

/** False: no value of this type can be put into the column. */
export function fits(type: ValueType, column: TableColumn): boolean {
  if (!Object.hasOwn(FAMILIES, column.baseType)) return true;
  return type === "text" || TAKEN[FAMILIES[column.baseType]].includes(type);
}
