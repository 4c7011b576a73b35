/** What only Postgres knows about a definition's `on_absent`. */
export interface AbsentFacts {
  /** Values that are none of their column's type, in words. */
  readonly wrong: readonly { readonly column: string; readonly message: string }[];
  readonly mayDelete: boolean;
}
