/** Compares an entry of `nested` with the children's table, and with the parents'. */
import type { FoundChildren, Table } from "../../load/catalog/table.ts";
import type { Definition, NestedRule } from "../definition.ts";
import { nearest } from "../nearest.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import { childDefinition } from "./child_definition.ts";

/**
 * The children as a definition of their own, and their table without the columns that refer to the
 * parent; null if there is nothing more to compare. `found`: undefined if nobody has looked.
 */
export function checkChildren(
  path: Path,
  rule: NestedRule,
  definition: Definition,
  parent: Table,
  found: FoundChildren | undefined,
  problems: Problems,
): readonly [Definition, Table] | null {
  if (found === undefined) return null;
  if ("missing" in found) {
    problems.add([...path, "table"], {
      found: describe(rule.table),
      expected: "a table",
      sentence: found.missing.replace(/\.$/u, ""),
    });
    return null;
  }
  const { table, own, parents } = found;
  if (found.isTaken) {
    problems.add([...path, "table"], {
      found: describe(rule.table),
      expected: "another table",
      sentence: `the import writes to ${table.name} already; children need a table of their own`,
    });
    return null;
  }
  const before = problems.count;
  const links = Object.entries(rule.foreign_key);
  for (const [index, [child, of]] of links.entries()) {
    const at = [...path, "foreign_key", child];
    noteMissing(at, child, table, own[index] === null, problems);
    noteMissing(at, of, parent, parents[index] === null, problems);
    if (own[index]?.column.readonly) {
      problems.add(at, {
        found: "a column that Postgres fills itself",
        expected: "a column that can be written to",
        sentence: `Postgres fills ${child} of ${table.name} itself`,
      });
    }
  }
  for (const [target, lookup] of Object.entries(table.lookups ?? {})) {
    if (!("isTarget" in lookup) || !lookup.isTarget) continue;
    problems.add([...path, "columns", target, "lookup", "table"], {
      found: describe(lookup.name),
      expected: "a table that the import doesn't write to",
      sentence: `children can't be looked up in ${lookup.name}, which the import itself writes to`,
    });
  }
  if (table.stageSchema !== "pg_temp" || table.stagesByFunction) {
    problems.add([...path, "table"], {
      found: describe(rule.table),
      expected: "a role that may create temporary tables",
      sentence: "children are staged in a temporary table, which the role may not create: " +
        `grant temporary on database ${table.database} to ${table.role}`,
    });
  }
  if (table.hasInsertRules || table.hasUpdateRules) {
    problems.add([...path, "table"], {
      found: describe(rule.table),
      expected: "a table without rules",
      sentence: `${table.name} has a rule (CREATE RULE); use a trigger instead`,
    });
  }
  if (problems.count > before) return null;
  return [childDefinition(definition, rule).definition, withoutColumns(table, rule)];
}

/** The columns that are filled by `foreign_key` are nobody's business but the loader's. */
export function withoutColumns(table: Table, { foreign_key }: NestedRule): Table {
  return {
    ...table,
    columns: table.columns.filter(({ name }) => !Object.hasOwn(foreign_key, name)),
  };
}

function noteMissing(
  path: Path,
  name: string,
  table: Table,
  isMissing: boolean,
  problems: Problems,
): void {
  if (!isMissing) return;
  const names = table.columns.map((each) => each.name);
  problems.add(path, {
    found: describe(name),
    expected: `a column of ${table.name}`,
    suggestion: nearest(name, names),
    wanted: name,
    sentence: `the table ${table.name} has no column ${describe(name)}`,
  });
}
