/** How a run writes the rows of a pivot table. */
import type { MatchedColumn } from "../catalog/lookup_table.ts";
import type { Table } from "../catalog/table.ts";
import { identifier } from "../../db/quoting.ts";

export interface LinkPlan {
  readonly kind: "links";
  /** What messages call the list: its column in the file. */
  readonly label: string;
  readonly table: Table;
  /** The column of the imported table to whose value `local` refers. */
  readonly parent: MatchedColumn;
  readonly local: MatchedColumn;
  readonly foreign: MatchedColumn;
  /** Constants. Only links that have them are looked at. */
  readonly values: readonly { readonly column: MatchedColumn; readonly value: string | null }[];
  /** Links that a row's list doesn't have are removed. */
  readonly replaces: boolean;
}

/**
 * The columns of a unique index that holds a link once; null if there is none. Then only a look before
 * says whether it is there.
 */
export function uniqueLink(
  { table, local, foreign, values }: Pick<LinkPlan, "table" | "local" | "foreign" | "values">,
): readonly string[] | null {
  const [one, other] = [local.column.name, foreign.column.name];
  const known = [one, other, ...values.map(({ column }) => column.column.name)];
  const index = table.uniqueIndexes.find(({ columns, partial, deferrable }) =>
    columns !== null && !partial && !deferrable && columns.includes(one) &&
    columns.includes(other) && columns.every((name) => known.includes(name))
  );
  return index?.columns ?? null;
}

/** SQL: a text as a value of the column, whose length it has to fit when it is written. */
export function asValue(text: string, { type, collate }: MatchedColumn): string {
  return `(${text})::${type}${collate}`;
}

/** SQL: the column of the row `t` has this value. */
export function hasValue({ column }: MatchedColumn, value: string): string {
  return `t.${identifier(column.name)} ${column.equal ?? "="} ${value}`;
}
