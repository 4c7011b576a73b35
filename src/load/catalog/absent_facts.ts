/** What only Postgres knows about a definition's `on_absent`. */
export interface AbsentFacts {
  /** Values that are none of their column's type, in words. */
  readonly wrong: readonly {
    readonly of: "scope" | "mark";
    readonly column: string;
    readonly message: string;
  }[];
  readonly mayDelete: boolean;
  /**
   * Foreign keys by which rows would be deleted or changed along with absent ones, and the role doesn't
   * see all of these. `isPolicy`: row-level security hides them.
   */
  readonly hidden: readonly {
    readonly table: string;
    readonly constraint: string;
    readonly isPolicy: boolean;
  }[];
}
