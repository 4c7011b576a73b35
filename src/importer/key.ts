import type { Definition } from "./definition.ts";

/**
 * Normalises names to compare them where there is no mapping: ignores case, spaces, `_` and `-`.
 */
export function normaliseName(name: string): string {
  return name.trim().toLowerCase().replace(/[\s_-]+/gu, "");
}

/**
 * The target column that an entry of `key` means. A target's own name wins over a source's, in case
 * one column has the name of another's source. Null if it means none.
 */
export function keyTarget(
  entry: string,
  columns: NonNullable<Definition["columns"]>,
): string | null {
  if (Object.hasOwn(columns, entry)) return entry;
  for (const [target, rule] of Object.entries(columns)) {
    if (rule.from.includes(entry)) return target;
  }
  return null;
}
