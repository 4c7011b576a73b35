/** Compares `on_absent` and `scope` with the table. */
import type { Table } from "../../load/catalog/table.ts";
import { findNamed } from "./cut_name.ts";
import type { Definition } from "../definition.ts";
import { nearest } from "../nearest.ts";
import { describe, type Path, type Problems } from "../problem.ts";

export function checkAbsentRows(
  definition: Definition,
  table: Table,
  problems: Problems,
  warnings: Problems,
): void {
  const { on_absent: rule } = definition;
  if (rule === undefined) return;
  const { wrong = [] } = table.absent ?? {};
  const has = (name: string) => table.columns.some((column) => column.name === name);
  /** `of`: where the values are. */
  const told = (path: Path, name: string, of: "scope" | "mark", valuesPath = path) => {
    if (!has(name)) {
      noColumn(path, name, table, problems);
      return true;
    }
    const bad = wrong.find((each) => each.column === name && each.of === of);
    if (bad === undefined) return false;
    problems.add(valuesPath, {
      found: "a value that is none of the column's",
      expected: `values of ${name}`,
      sentence: `${bad.message.replace(/\.$/u, "")} (column ${name})`,
    });
    return true;
  };
  for (const [name, values] of Object.entries(rule.scope)) {
    const path = ["scope", name];
    const column = table.columns.find((each) => each.name === name);
    if (
      told(path, name, "scope") || column?.equal !== null || values.every((value) => value === null)
    ) {
      continue;
    }
    problems.add(path, {
      found: column.type,
      expected: "a type with values that can be compared",
      sentence: `${name} is ${column.type}, whose values Postgres can't compare`,
    });
  }
  if (rule.mark === null) return;
  const { column: name } = rule.mark;
  const path = ["on_absent", "mark", "column"];
  if (told(path, name, "mark", ["on_absent", "mark", "value"])) return;
  const column = table.columns.find((each) => each.name === name);
  if (column?.readonly || column?.identity === "always") {
    problems.add(path, {
      found: "a column that Postgres fills itself",
      expected: "a column that can be written to",
      sentence: `Postgres fills ${name} itself (generated always)`,
    });
  }
  const isOfKey = definition.columns === null &&
    definition.key.some((entry) => findNamed(table.columns, entry)?.name === name);
  if (isOfKey) {
    problems.add(path, {
      found: describe(name),
      expected: "a column that is not in the key",
      sentence: `${name} is in the key, by which the row is found`,
    });
  }
  if (definition.columns === null || Object.hasOwn(definition.columns, name)) return;
  if (definition.key_where !== undefined && definition.key_where !== null) return;
  warnings.add(path, {
    found: `nothing for ${name} under \`columns\``,
    expected: `a value for rows that come back`,
    sentence: `a row that is marked and comes back in a later file stays marked, because the ` +
      `definition doesn't fill ${name}: add what it is otherwise, such as columns: {${name}: ` +
      "{value: …}}",
  });
}

function noColumn(path: Path, name: string, table: Table, problems: Problems): void {
  const names = table.columns.map((column) => column.name);
  const suggestion = nearest(name, names);
  const has = suggestion === null ? `; it has ${names.join(", ")}` : "";
  problems.add(path, {
    found: describe(name),
    expected: `a column of ${table.schema}.${table.name}`,
    suggestion,
    wanted: name,
    sentence: `the table ${table.schema}.${table.name} has no column ${describe(name)}${has}`,
  });
}
