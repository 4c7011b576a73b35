/** The tables that a definition writes to, by their names. */
import type { Definition, NestedRule } from "../definition.ts";
import { tableNames } from "../routes/routes.ts";

/** Its own comes first. */
export function writtenNames(definition: Definition): readonly string[] {
  const { many = [], nested = [] } = definition;
  const children = (rules: readonly NestedRule[]): readonly string[] =>
    rules.flatMap((rule) => [rule.table, ...children(rule.nested)]);
  const others = [...many.map(({ pivot }) => pivot.table), ...children(nested)];
  return [...new Set([...tableNames(definition), ...others])];
}
