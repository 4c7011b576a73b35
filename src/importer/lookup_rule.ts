/** A column gets a value of another table: of the row that has what the file says. */
export interface LookupRule {
  /** As written: `companies` or `crm.companies`. */
  readonly table: string;
  /** Columns of that table: one for each source column, in their order. */
  readonly match: readonly string[];
  /** The column whose value is taken. Null: the primary key. */
  readonly returns: string | null;
  /** Rows that are missing are inserted, with the values of `match` only. */
  readonly create: boolean;
  /** SQL, using the table's column names: other rows don't count. Null: all count. */
  readonly where: string | null;
}
