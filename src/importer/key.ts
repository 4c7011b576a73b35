import type { Definition } from "./definition.ts";

/** How names are compared where nobody wrote a mapping: case, spaces, `_` and `-` don't count. */
export function normaliseName(name: string): string {
  return name.trim().toLowerCase().replace(/[\s_-]+/gu, "");
}

/**
 * The target column that an entry of `key` means: a target's own name before a source's, in
 * case one column is called what another is filled from. Null if it means none.
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
