/** The pivot table of a many-to-many relation, as far as the stages need to know. */
import type { FoundLookup, LookupRefusal, MatchedColumn } from "./lookup_table.ts";

/** `Whole`: what is known of any table; named by its own file, so that no two import each other. */
export interface LinkTableOf<Whole> {
  readonly table: Whole;
  /** It is the table that the import writes to. */
  readonly isTarget: boolean;
  /** Columns that it doesn't have are null. */
  readonly local: MatchedColumn | null;
  readonly foreign: MatchedColumn | null;
  /** In the definition's order. */
  readonly values: readonly LinkValue[];
  /** The column of the imported table to whose value `local` refers; null if none is known. */
  readonly parent: MatchedColumn | null;
  /** Where the list's values are looked up; null if they are not. */
  readonly lookup: FoundLookup | null;
  /** What Postgres said when it was shown the statements; null if it takes them. */
  readonly refusal: LookupRefusal | null;
}

/** The table of the rows that are in a row. */
export interface ChildTableOf<Whole> {
  /** With the tables in which its values are looked up, and with its own children. */
  readonly table: Whole;
  /** It is a table that the import writes to anyway: that of the rows, or of other children. */
  readonly isTaken: boolean;
  /** In the order of `foreign_key`; null: there is no such column. */
  readonly own: readonly (MatchedColumn | null)[];
  readonly parents: readonly (MatchedColumn | null)[];
}

export interface LinkValue {
  readonly name: string;
  readonly column: MatchedColumn | null;
  readonly value: string | null;
}
