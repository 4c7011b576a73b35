/** Compares the key of a definition with the columns and unique indexes of the table. */
import type { Definition } from "../definition.ts";
import type { Table } from "../../load/catalog/table.ts";
import { findNamed } from "./cut_name.ts";
import { keyTarget } from "../key.ts";
import { keyPredicate, onlyPredicate } from "../key_predicate.ts";
import { describe, type Path, Problems } from "../problem.ts";
import { noColumn } from "./no_column.ts";

/** Compares the key's condition with those of the table's unique indexes. */
export function checkKeyCondition(
  { key, key_where: where = null, columns }: Definition,
  table: Table,
  problems: Problems,
  warnings: Problems,
): void {
  const named = key.map((entry) => {
    const target = columns === null ? null : keyTarget(entry, columns);
    return target ?? findNamed(table.columns, entry)?.name ?? null;
  });
  const names = named.filter((name) => name !== null);
  if (names.length === 0 || names.length < key.length) return;
  if (where !== null) {
    const found = keyPredicate(table, names, where);
    if ("predicate" in found) return;
    problems.add(["key", "where"], {
      found: describe(where),
      expected: "the condition of a unique index on the key",
      sentence: found.sentence,
    });
    return;
  }
  const only = onlyPredicate(table, names);
  if (only === null) return;
  warnings.add(["key"], {
    found: key.join(", "),
    expected: "a key with the condition of its unique index",
    sentence:
      `is unique only among rows where ${only}. Other rows with the key count, too, unless ` +
      "the key is a mapping {columns, where} with this condition",
  });
}

/** Without `columns`, a key names source columns. They match target columns by normalised name. */
export function checkUnmappedKey(definition: Definition, table: Table, problems: Problems): void {
  for (const [index, entry] of definition.key.entries()) {
    const column = findNamed(table.columns, entry);
    const path: Path = definition.key.length === 1 ? ["key"] : ["key", index];
    if (column === undefined) noColumn(path, entry, table, problems);
    else if (column.readonly) {
      problems.add(path, {
        found: "a column that Postgres fills itself",
        expected: "a column that can be written to",
        sentence: `Postgres fills ${column.name} itself (generated always); it can't be the key`,
      });
    }
  }
}
