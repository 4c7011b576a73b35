/** Columns that can't be left empty in some rows, and so can't have a condition. */
import type { ColumnRule, Definition } from "../definition.ts";
import { keyTarget } from "../key.ts";
import { describe, type Problems } from "../problem.ts";
import type { Table } from "../../load/catalog/table.ts";

export function checkPlaces({ columns, key, compare }: Definition, problems: Problems): void {
  const rules = columns ?? {};
  const keys = key.map((entry) => keyTarget(entry, rules));
  for (const [target, { when = null }] of Object.entries(rules)) {
    if (when === null) continue;
    const use = keys.includes(target)
      ? "is in the key, which every row needs"
      : target === compare?.target
      ? "tells which row is newer, which every row needs"
      : null;
    if (use === null) continue;
    problems.add(["columns", target, "when"], {
      found: "a condition for a column that every row needs",
      expected: "no `when` here",
      sentence: `${describe(target)} ${use}: it can't have a condition`,
    });
  }
}

/** Rows would fail for which the condition doesn't hold. */
export function warnOfUnfilled(
  target: string,
  { when = null, default: fallback }: ColumnRule,
  table: Table,
  warnings: Problems,
): void {
  const column = table.columns.find(({ name }) => name === target);
  if (when === null || fallback !== null || column === undefined) return;
  if (!column.notNull || column.hasDefault || table.hasBeforeInsertTriggers) return;
  warnings.add(["columns", target, "when"], {
    found: `a condition for ${target}, which is NOT NULL`,
    expected: "a `default` beside it",
    sentence:
      `rows for which it doesn't hold will fail: ${target} is NOT NULL without a DEFAULT. ` +
      "Say with `default` what it is in these rows",
  });
}
