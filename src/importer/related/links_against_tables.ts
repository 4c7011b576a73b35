/** Compares an entry of `many` with its pivot table, and with the table that is imported into. */
import type { FoundLinks, LinkTable, Table } from "../../load/catalog/table.ts";
import { checkLookupTable } from "../against_table/lookups_against_tables.ts";
import { nearest } from "../nearest.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import { sqlName } from "../sql_name.ts";
import type { ManyRule } from "../definition.ts";

/** `found` is undefined if nobody has looked for the table. */
export function checkLinks(
  path: Path,
  rule: ManyRule,
  target: Table,
  found: FoundLinks | undefined,
  problems: Problems,
  warnings: Problems,
): void {
  if (found === undefined) return;
  const { pivot, item } = rule;
  const at = [...path, "pivot"];
  if ("missing" in found) {
    problems.add([...at, "table"], {
      found: describe(pivot.table),
      expected: "a table",
      sentence: found.missing.replace(/\.$/u, ""),
    });
    return;
  }
  const before = problems.count;
  const { table } = found;
  if (found.isTarget) {
    problems.add([...at, "table"], {
      found: describe(pivot.table),
      expected: "another table",
      sentence: `${table.name} is the table that is imported into; a pivot table is another one`,
    });
    return;
  }
  checkColumns(at, rule, found, problems);
  checkParent(at, rule, target, found, problems);
  checkOthers(at, rule, found, problems);
  const { lookup = null } = item;
  if (lookup !== null) {
    const looked = found.lookup ?? undefined;
    checkLookupTable([...path, "lookup"], pivot.foreign, lookup, looked, problems, warnings);
  }
  if (problems.count > before) return;
  if (found.refusal !== null) {
    const { message, isPrivilege } = found.refusal;
    problems.add(at, {
      found: describe(pivot.table),
      expected: "a table that links can be written to",
      sentence: isPrivilege
        ? `the role may not do what links need (${message}); grant select, insert${
          rule.sync === "replace" ? " and delete" : ""
        } on ${tableName(table)}`
        : `Postgres refuses to write links to ${table.name}: ${message}`,
    });
  } else if (!holdsOnce(found)) {
    const names = [pivot.local, pivot.foreign];
    warnings.add([...at, "table"], {
      found: describe(pivot.table),
      expected: "a table with a unique index on the link",
      sentence: `no unique index of ${table.name} is on ${names.join(" and ")}, so two runs at ` +
        `once may add a link twice: create unique index on ${tableName(table)} (${
          names.map(sqlName).join(", ")
        })`,
    });
  }
}

function checkColumns(
  at: Path,
  { pivot }: ManyRule,
  { table, local, foreign, values }: LinkTable,
  problems: Problems,
): void {
  const named = [
    { path: [...at, "local"], name: pivot.local, column: local },
    { path: [...at, "foreign"], name: pivot.foreign, column: foreign },
    ...values.map(({ name, column }) => ({ path: [...at, "values", name], name, column })),
  ];
  for (const { path, name, column } of named) {
    if (column === null) {
      const names = table.columns.map((each) => each.name);
      const suggestion = nearest(name, names);
      const has = suggestion === null ? `; it has ${names.join(", ")}` : "";
      problems.add(path, {
        found: describe(name),
        expected: `a column of ${table.name}`,
        suggestion,
        wanted: name,
        sentence: `the table ${table.name} has no column ${describe(name)}${has}`,
      });
    } else if (column.column.readonly || column.column.identity === "always") {
      problems.add(path, {
        found: "a column that Postgres fills itself",
        expected: "a column that can be written to",
        sentence: `Postgres fills ${name} of ${table.name} itself`,
      });
    } else if (typeof column.column.equal !== "string") {
      problems.add(path, {
        found: column.column.type,
        expected: "a type with values that can be compared",
        sentence: `${name} is ${column.column.type}, whose values Postgres can't compare`,
      });
    }
  }
}

function checkParent(
  at: Path,
  { pivot }: ManyRule,
  target: Table,
  { table, local, parent }: LinkTable,
  problems: Problems,
): void {
  if (local === null || parent !== null) return;
  problems.add([...at, "local"], {
    found: describe(pivot.local),
    expected: `a column with a foreign key to ${target.name}`,
    sentence:
      `${pivot.local} of ${table.name} has no foreign key to ${target.name}, which has no ` +
      "primary key of one column either: nobody can tell to which value it refers",
  });
}

/** Columns of the pivot table without which no row can be inserted. */
function checkOthers(at: Path, { pivot }: ManyRule, { table }: LinkTable, problems: Problems) {
  const filled = [pivot.local, pivot.foreign, ...Object.keys(pivot.values)];
  const needed = table.columns.filter(({ name, notNull, hasDefault, readonly }) =>
    notNull && !hasDefault && !readonly && !filled.includes(name)
  );
  if (needed.length === 0 || table.hasBeforeInsertTriggers) return;
  const names = needed.map(({ name }) => name);
  problems.add([...at, "values"], {
    found: "no value",
    expected: `a value for ${names.join(", ")}`,
    sentence: `${table.name} needs a value for ${names.join(", ")} (NOT NULL without a default): ` +
      `say which, such as values: { ${names[0]}: … }`,
  });
}

function holdsOnce({ table, local, foreign, values }: LinkTable): boolean {
  const known = [local, foreign, ...values.map(({ column }) => column)]
    .flatMap((each) => each === null ? [] : [each.column.name]);
  return table.uniqueIndexes.some(({ columns, partial }) =>
    columns !== null && !partial && columns.includes(known[0]) && columns.includes(known[1]) &&
    columns.every((name) => known.includes(name))
  );
}

function tableName({ schema, name }: Table): string {
  return `${sqlName(schema)}.${sqlName(name)}`;
}
