/** Checks whether the parts of each entry of `many` fit together. */
import { checkColumn } from "../check/check_column.ts";
import { checkLookup } from "../check/check_lookup.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import type { ParsedMany } from "../schema.ts";
import { checkRelatedTable } from "./check_table.ts";

export function checkMany(
  path: Path,
  { from, separator, pivot, required: _, sync: __, ...item }: ParsedMany,
  ownSchema: string,
  problems: Problems,
): void {
  for (const name of [from].flat()) {
    if (name === "") problems.wrong([...path, "from"], name, "a source column's name");
  }
  if (separator === "") {
    problems.wrong([...path, "separator"], separator, "at least one character, such as a comma");
  }
  checkColumn(path, item, [], problems);
  checkLookup(path, item, ownSchema, problems);
  if (Array.isArray(item.lookup?.match) && item.lookup.match.length > 1) {
    problems.add([...path, "lookup", "match"], {
      found: "several columns",
      expected: "one column",
      sentence: "each value of the list is one text, so it can be compared with one column only",
    });
  }
  for (const [index, step] of (item.transform ?? []).entries()) {
    if (typeof step !== "object" || step.concat === undefined) continue;
    problems.add([...path, "transform", index], {
      found: "concat",
      expected: "no concat",
      sentence: "joins several columns, and the values of a list come from one",
    });
  }
  const at = [...path, "pivot"];
  checkRelatedTable([...at, "table"], pivot.table, ownSchema, problems);
  for (const name of ["local", "foreign"] as const) {
    if (pivot[name] === "") problems.wrong([...at, name], "", "a column of the pivot table");
  }
  const [local, foreign] = [String(pivot.local), String(pivot.foreign)];
  if (local === foreign) {
    problems.add([...at, "foreign"], {
      found: describe(foreign),
      expected: "another column than `local`",
      sentence: `${describe(foreign)} is \`local\` already: a link needs two columns`,
    });
  }
  for (const [name, value] of Object.entries(pivot.values ?? {})) {
    if (name === local || name === foreign) {
      problems.add([...at, "values", name], {
        found: describe(name),
        expected: "another column of the pivot table",
        sentence: `${describe(name)} is filled by \`${name === local ? "local" : "foreign"}\``,
      });
    }
    if (typeof value === "string" && value.includes("${")) {
      problems.wrong([...at, "values", name], value, "a constant: no ${…} is filled in here");
    }
  }
}
