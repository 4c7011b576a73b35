import type { ColumnRule, Definition } from "./definition.ts";

/** Does it hold regular expressions? They can take long for a few values: see `src/pattern/`. */
export function hasPatterns({ source, columns }: Pick<Definition, "source" | "columns">): boolean {
  return (source.skip_rows ?? []).length > 0 ||
    Object.values(columns ?? {}).some(columnHasPatterns);
}

function columnHasPatterns({ pattern, transform }: ColumnRule): boolean {
  return pattern !== null || transform.some(({ op }) => op === "replace");
}
