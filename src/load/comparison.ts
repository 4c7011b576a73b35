/**
 * How Postgres compares values. Operators are named with their schema, because the same `=` on a
 * search path without the extension's schema compares a citext as text.
 */
import type { LoadPlan } from "./load_plan.ts";

export interface Comparison {
  /** SQL: `operator(public.=)`. */
  readonly equal: string;
  /** SQL that follows an operand if the collation isn't the column's own: ` collate "C"`. */
  readonly collate: string;
}

/** For an index that the catalog doesn't say this of. */
const BY_NAME: Comparison = { equal: "=", collate: "" };

/** The comparison of an index's or a foreign key's column, by its position. */
export function comparisonAt(
  { equal, collate }: {
    readonly equal?: readonly string[];
    readonly collate?: readonly string[];
  },
  index: number,
): Comparison {
  return {
    equal: equal?.[index] ?? BY_NAME.equal,
    collate: collate?.[index] ?? BY_NAME.collate,
  };
}

/** How values of a key's column are compared: as its unique index does, else as their type does. */
export function keyComparison(
  { table, key, keyPredicate }: Pick<LoadPlan, "table" | "key" | "keyPredicate">,
  name: string,
): Comparison {
  for (const unique of table.uniqueIndexes) {
    const { columns, partial, predicate } = unique;
    if (columns === null || !columns.every((each) => key.includes(each))) continue;
    if (partial && predicate !== keyPredicate) continue;
    const index = columns.indexOf(name);
    if (index >= 0) return comparisonAt(unique, index);
  }
  const column = table.columns.find((each) => each.name === name);
  return { ...BY_NAME, equal: column?.equal ?? BY_NAME.equal };
}

/** SQL: two values are equal. */
export function areEqual(left: string, right: string, { equal, collate }: Comparison): string {
  return `${left}${collate} ${equal} ${right}`;
}
