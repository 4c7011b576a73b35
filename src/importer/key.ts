import type { Definition } from "./definition.ts";
import type { Table } from "../load/table.ts";

/** How names are compared where nobody wrote a mapping: case, spaces, `_` and `-` don't count. */
export function normaliseName(name: string): string {
  return name.trim().toLowerCase().replace(/[\s_-]+/gu, "");
}

/**
 * The target column that an entry of `key` means: a target's own name before a source's, in
 * case one column is called what another is filled from. Null if it means none.
 */
export function keyTarget(entry: string, columns: NonNullable<Definition["columns"]>) {
  if (Object.hasOwn(columns, entry)) return entry;
  for (const [target, rule] of Object.entries(columns)) {
    if (rule.from.includes(entry)) return target;
  }
  return null;
}

/**
 * The target columns that `key` means, in its order; without `columns`, by normalised name.
 * Only for a definition that has no problems with its table.
 */
export function keyColumns(definition: Definition, table: Table): readonly string[] {
  const { columns } = definition;
  return definition.key.map((entry) => {
    const name = normaliseName(entry);
    const target = columns === null
      ? table.columns.find((column) => normaliseName(column.name) === name)?.name
      : keyTarget(entry, columns);
    if (target === null || target === undefined) {
      throw new RangeError(`Cannot find key column ${JSON.stringify(entry)} in ${table.name}`);
    }
    return target;
  });
}
