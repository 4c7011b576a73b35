/** The tables that a definition writes to, by their names. */
import type { Definition, NestedRule } from "../definition.ts";

/** Its own comes first. */
export function writtenNames({ table, many = [], nested = [] }: Definition): readonly string[] {
  const children = (rules: readonly NestedRule[]): readonly string[] =>
    rules.flatMap((rule) => [rule.table, ...children(rule.nested)]);
  return [...new Set([table, ...many.map(({ pivot }) => pivot.table), ...children(nested)])];
}
