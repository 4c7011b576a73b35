/** Whether the columns whose missing values may hold a run are there. */
import { fillsOnlyNamed } from "../column_mapping.ts";
import type { Definition } from "../definition.ts";
import { columnsCounted } from "../gates.ts";
import { nearest } from "../nearest.ts";
import { describe, type Problems } from "../problem.ts";
import type { Table } from "../../load/catalog/table.ts";

export function checkGates(definition: Definition, table: Table, problems: Problems): void {
  for (const name of columnsCounted(definition.options)) {
    const known = table.columns.map((column) => column.name);
    const filled = fillsOnlyNamed(definition) ? Object.keys(definition.columns ?? {}) : known;
    if (known.includes(name) && filled.includes(name)) continue;
    problems.add(["options", "hold_if"], {
      found: describe(name),
      expected: "a column that is filled",
      suggestion: nearest(name, filled),
      wanted: name,
      sentence: known.includes(name)
        ? `${name} is never filled, so its missing values say nothing`
        : `${table.name} has no column ${describe(name)}`,
    });
  }
}
