/** The values that a statement asks for, as a table of its own. */
import type { MatchedColumn } from "../catalog/lookup_table.ts";

/**
 * SQL: a relation `v` with a row for each value, `(v1, v2, …, n)`, in which `n` counts from 1. It takes
 * one parameter for each compared column: the texts of its values.
 */
export function askedValues(match: readonly MatchedColumn[]): string {
  const names = valueNames(match).join(", ");
  const from = (relation: string, types: readonly string[]) =>
    `unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(", ")})
      with ordinality ${relation} (${names}, n)`;
  if (match.every(({ isArray }) => !isArray)) return from("v", match.map(({ type }) => type));
  // There is no array of arrays that unnest would not take apart to the end.
  const read = match.map(({ type }, index) => `u.v${index + 1}::${type}`);
  return `(select ${read.join(", ")}, u.n
    from ${from("u", match.map(() => "text"))}) v (${names}, n)`;
}

export function valueNames(match: readonly MatchedColumn[]): readonly string[] {
  return match.map((_, index) => `v${index + 1}`);
}
