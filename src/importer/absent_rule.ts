/** What becomes of rows of the table that the file doesn't have. */
export interface AbsentRule {
  readonly do: "delete" | "mark";
  /** For `mark`: the column that is set, and to what. */
  readonly mark: { readonly column: string; readonly value: string | null } | null;
  /** Only rows with one of these values in each of the columns count. Empty: all rows of the table. */
  readonly scope: Readonly<Record<string, readonly (string | null)[]>>;
  /** If more rows are absent, or a larger share of those in scope, somebody has to decide. */
  readonly most: { readonly rows: number } | { readonly percent: number };
  /** Not only if every row is good: the keys of those that fail are read, as far as that is possible. */
  readonly despiteFailures?: true;
}

export const DEFAULT_MAX_ABSENT: AbsentRule["most"] = { percent: 5 };
