import type { Table } from "../../load/catalog/table.ts";
import { nearest } from "../nearest.ts";
import { describe, type Path, Problems } from "../problem.ts";

/** Reports a name that no column of the table has. */
export function noColumn(path: Path, name: string, table: Table, problems: Problems): void {
  const names = table.columns.map((column) => column.name);
  const suggestion = nearest(name, names);
  const tableName = `${table.schema}.${table.name}`;
  const has = suggestion === null ? `; it has ${names.join(", ")}` : "";
  problems.add(path, {
    found: describe(name),
    expected: `a column of ${tableName}`,
    suggestion,
    wanted: name,
    sentence: `the table ${tableName} has no column ${describe(name)}${has}`,
  });
}
