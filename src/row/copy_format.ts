/** The two formats of `COPY … FROM STDIN`. */
import type { TableColumn } from "../load/table.ts";

/** Postgres takes a tenth less time for binary rows: it neither looks for their ends nor reads numbers. */
export type CopyFormat = "text" | "binary";

/** Types of Postgres whose binary form the kernel writes, as it numbers them. */
const BINARY_TYPES: ReadonlyMap<string, number> = new Map([
  ["text", 1],
  ["varchar", 1],
  ["bpchar", 1],
  ["bool", 2],
  ["int2", 3],
  ["int4", 4],
  ["int8", 5],
  ["float8", 6],
  ["numeric", 7],
  ["date", 8],
  ["timestamp", 9],
  ["uuid", 10],
]);

/**
 * The kernel's number for a column's type (assembly/binary.ts); null: only its text is sure to be
 * read as it should. Domains are among these, because of a value that a domain refuses only text
 * has Postgres show.
 */
export function binaryType(column: TableColumn): number | null {
  // Somebody's own type with the name of one of Postgres's.
  if (column.isDomain || column.type.includes(".")) return null;
  return BINARY_TYPES.get(column.enumLabels === null ? column.baseType : "text") ?? null;
}
