/** Rows of another table that are in a row of a JSON source: an array of objects. */

/** `Column`: the rule of a column; named by whoever knows it, so that no two files import each other. */
export interface NestedRuleOf<Column> {
  /** Where the array is in the row: a key, or a path. It names the children in messages. */
  readonly from: string;
  readonly table: string;
  /** By column of the children's table: the column of the row's table to which it refers. */
  readonly foreign_key: Readonly<Record<string, string>>;
  readonly key: readonly string[];
  readonly on_duplicate: "skip" | "update" | "fail";
  readonly columns: Readonly<Record<string, Column>>;
  /** Children of children. */
  readonly nested: readonly NestedRuleOf<Column>[];
}
