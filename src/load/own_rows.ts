import { qualified } from "../db/quoting.ts";
import type { Table } from "./catalog/table.ts";

/**
 * SQL: the table without those that inherit from it. A table's unique indexes don't hold the rows of
 * its children, so a row of a child is no duplicate: COPY and INSERT would accept it. A partitioned
 * table has no rows of its own, and its indexes hold those of all partitions.
 */
export function ownRows(table: Table): string {
  return table.partitioned ? qualified(table) : `only ${qualified(table)}`;
}
