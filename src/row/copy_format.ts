/** The two formats of `COPY … FROM STDIN`. */
import type { TableColumn } from "../load/catalog/table.ts";

/**
 * Postgres takes a tenth less time for binary rows, because it need not look for their ends or
 * parse numbers.
 */
export type CopyFormat = "text" | "binary";

/** The types that the kernel can write in the binary format. */
export type BinaryType =
  | "text"
  | "bool"
  | "int2"
  | "int4"
  | "int8"
  | "float4"
  | "float8"
  | "numeric"
  | "date"
  | "time"
  | "timestamp"
  | "timestamptz"
  | "uuid"
  | "jsonb";

/** Postgres's types that are written as one of these. */
const BINARY_TYPES: ReadonlyMap<string, BinaryType> = new Map([
  ["text", "text"],
  ["varchar", "text"],
  ["bpchar", "text"],
  ["citext", "text"],
  ["bool", "bool"],
  ["int2", "int2"],
  ["int4", "int4"],
  ["int8", "int8"],
  ["float4", "float4"],
  ["float8", "float8"],
  ["numeric", "numeric"],
  ["date", "date"],
  ["time", "time"],
  ["timestamp", "timestamp"],
  ["timestamptz", "timestamptz"],
  ["uuid", "uuid"],
  ["json", "text"],
  ["jsonb", "jsonb"],
]);

/**
 * How a column's values are written in the binary format. Null if only their text is sure to be
 * read correctly. This includes domains: Postgres shows a value that a domain refuses only if it
 * came as text.
 */
export function binaryType(column: TableColumn): BinaryType | null {
  // A type with a dot is in another schema: a user's own type may be named like one of Postgres's.
  if (column.isDomain || column.type.includes(".")) return null;
  return BINARY_TYPES.get(column.enumLabels === null ? column.baseType : "text") ?? null;
}
