/** A table in which a column's values are looked up, as far as the stages need to know. */
import type { TableColumn } from "./table_column.ts";

export interface LookupTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** The names of all its columns. */
  readonly columns: readonly string[];
  /** The columns that are compared, in the definition's order; null for one that isn't there. */
  readonly match: readonly (MatchedColumn | null)[];
  /** Null if it isn't there, or if the definition names none and no single column is the key. */
  readonly returns: TableColumn | null;
  /** Postgres can assign what is returned to the column that is filled. */
  readonly returnsFits: boolean;
  readonly primaryKey: readonly string[];
  /** An index finds its rows by what is compared. Null if nobody can tell: a view, a foreign table. */
  readonly indexed: boolean | null;
  /** A unique index is on exactly what is compared. */
  readonly unique: boolean;
  /** How many rows it has, by the statistics; -1 if there are none. */
  readonly rows: number;
  /** It is the table that the import writes to, or one of them. */
  readonly isTarget: boolean;
  /** Columns without which no row can be inserted, and that are not compared. */
  readonly needed: readonly string[];
  /** Why no row can be inserted, in words; null if it can. */
  readonly closed: string | null;
  /** What Postgres said when it was shown the query; null if it takes it. */
  readonly refusal: LookupRefusal | null;
}

export interface LookupRefusal {
  readonly message: string;
  /** The role lacks a privilege. */
  readonly isPrivilege: boolean;
}

export interface MatchedColumn {
  readonly column: TableColumn;
  /** SQL: its type, or that of its domain, without a length, which would cut values. */
  readonly type: string;
  /** Values are arrays themselves. */
  readonly isArray: boolean;
  /** SQL that follows a value to give it the column's collation: ` collate "de-x-icu"`. */
  readonly collate: string;
}

/** There is no such table, or the role may not look into its schema. */
export interface NoLookupTable {
  readonly missing: string;
}

export type FoundLookup = LookupTable | NoLookupTable;

/** What is asked of the catalog. */
export interface AskedLookup {
  readonly table: string;
  readonly match: readonly string[];
  readonly returns: string | null;
  readonly create: boolean;
  readonly where: string | null;
}
