/** Checks whether the parts of each entry of `nested` fit together. */
import { checkColumn } from "../check/check_column.ts";
import { checkLookup } from "../check/check_lookup.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import type { ParsedNested } from "../schema.ts";
import { checkRelatedTable } from "./check_table.ts";

/** Keys of a column that can't be said of a child's. */
const NOT_OF_CHILDREN = ["when", "on_update"] as const;

export function checkNested(
  path: Path,
  { from, table, foreign_key, key, on_duplicate, columns, nested = [] }: ParsedNested,
  ownSchema: string,
  problems: Problems,
): void {
  if (from === "") problems.wrong([...path, "from"], from, "a key of the row, such as line_items");
  checkRelatedTable([...path, "table"], table, ownSchema, problems);
  const links = Object.entries(foreign_key);
  if (links.length === 0) {
    problems.wrong([...path, "foreign_key"], {}, "at least one column, such as {order_id: id}");
  }
  for (const [child, parent] of links) {
    const at = [...path, "foreign_key", child];
    if (child === "" || parent === "") problems.wrong(at, parent, "a column of each table");
    if (!Object.hasOwn(columns, child)) continue;
    problems.add([...path, "columns", child], {
      found: describe(child),
      expected: "another column",
      sentence: `${describe(child)} is filled by \`foreign_key\``,
    });
  }
  const keys = [key ?? []].flat().map(String);
  for (const name of keys) {
    if (Object.hasOwn(columns, name) || Object.hasOwn(foreign_key, name)) continue;
    problems.wrong([...path, "key"], name, "a column of `columns` or `foreign_key`", [
      ...Object.keys(columns),
      ...Object.keys(foreign_key),
    ]);
  }
  if (keys.length === 0 && on_duplicate !== undefined && on_duplicate !== "fail") {
    problems.add([...path, "on_duplicate"], {
      found: on_duplicate,
      expected: "a `key`",
      sentence: `${on_duplicate} needs a \`key\`, which tells which children are the same`,
    });
  }
  if (Object.keys(columns).length === 0) {
    problems.wrong([...path, "columns"], {}, "at least one column");
  }
  for (const [target, column] of Object.entries(columns)) {
    const at = [...path, "columns", target];
    if (typeof column !== "object") {
      if (column === "") problems.wrong(at, column, "a key of the child");
      continue;
    }
    for (const name of NOT_OF_CHILDREN) {
      if (column[name] === undefined) continue;
      problems.add([...at, name], {
        found: name,
        expected: "a column without it",
        sentence: "can't be said of a child's column yet",
      });
    }
    checkColumn(at, column, [], problems);
    checkLookup(at, column, ownSchema, problems);
  }
  for (const [index, entry] of nested.entries()) {
    checkNested([...path, "nested", index], entry, ownSchema, problems);
  }
}
