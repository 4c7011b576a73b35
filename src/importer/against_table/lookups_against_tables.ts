/** Compares a definition's look-ups with the tables in which it looks. */
import type { FoundLookup, LookupTable } from "../../load/catalog/lookup_table.ts";

import type { LookupRule } from "../lookup_rule.ts";
import { nearest } from "../nearest.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import { sqlName } from "../sql_name.ts";

/** `target`: the column that is filled. `found` is undefined if nobody has looked for the table. */
export function checkLookupTable(
  path: Path,
  target: string,
  lookup: LookupRule,
  found: FoundLookup | undefined,
  problems: Problems,
  warnings: Problems,
): void {
  if (found === undefined) return;
  if ("missing" in found) {
    problems.add([...path, "table"], {
      found: describe(lookup.table),
      expected: "a table",
      sentence: found.missing.replace(/\.$/u, ""),
    });
    return;
  }
  const before = problems.count;
  checkMatch(path, lookup, found, problems);
  checkReturns(path, target, lookup, found, problems);
  if (found.isTarget && !found.unique) {
    problems.add([...path, "match"], {
      found: lookup.match.join(", "),
      expected: "columns with a unique index",
      sentence: `needs a unique index, because ${found.name} is the table that is imported into: ` +
        "which of its new rows are found would depend on which are loaded first: " +
        `create unique index on ${tableName(found)} (${lookup.match.map(sqlName).join(", ")})`,
    });
  }
  if (lookup.create) checkCreate(path, lookup, found, problems);
  if (problems.count > before) return;
  if (found.refusal !== null) refused(path, lookup, found, problems);
  else if (found.indexed === false) warnOfIndex(path, lookup, found, warnings);
}

function checkMatch(
  path: Path,
  { match }: LookupRule,
  found: LookupTable,
  problems: Problems,
): void {
  for (const [index, name] of match.entries()) {
    const here = match.length === 1 ? [...path, "match"] : [...path, "match", index];
    const column = found.match[index]?.column;
    if (column === undefined) {
      noColumn(here, name, found, problems);
    } else if (typeof column.equal !== "string") {
      problems.add(here, {
        found: column.type,
        expected: "a type with values that can be compared",
        sentence: `${name} is ${column.type}, whose values Postgres can't compare`,
      });
    }
  }
}

function checkReturns(
  path: Path,
  target: string,
  { returns }: LookupRule,
  found: LookupTable,
  problems: Problems,
): void {
  if (found.returns === null) {
    if (returns !== null) return noColumn([...path, "returns"], returns, found, problems);
    const keys = found.primaryKey.length;
    problems.add(path, {
      found: "no `returns`",
      expected: "`returns`",
      sentence: `${found.name} has ${
        keys === 0 ? "no primary key" : `a primary key of ${keys} columns`
      }: say which of its columns is taken, such as returns: ${found.columns[0] ?? "id"}`,
    });
  } else if (!found.returnsFits) {
    problems.add([...path, "returns"], {
      found: found.returns.type,
      expected: `a type that ${target} can hold`,
      sentence: `${found.returns.name} of ${found.name} is ${found.returns.type}, ` +
        `which can't go into ${target}`,
    });
  }
}

function checkCreate(
  path: Path,
  { match }: LookupRule,
  found: LookupTable,
  problems: Problems,
): void {
  const refuse = (sentence: string) =>
    problems.add([...path, "create"], {
      found: "create: true",
      expected: "a table that rows can be added to",
      sentence,
    });
  const { name, needed } = found;
  if (found.isTarget) {
    return refuse(`can't add rows to ${name}, because that is the table that is imported into`);
  }
  if (found.closed !== null) return refuse(`can't add rows: ${found.closed}`);
  if (needed.length > 0) {
    return refuse(
      `can't add rows to ${name}: ${needed.join(", ")} ${needed.length === 1 ? "is" : "are"} ` +
        "NOT NULL without a default, and a new row has only the values of `match`",
    );
  }
  if (!found.unique) {
    refuse(
      `needs a unique index, or two batches could add the same row: create unique index on ${
        tableName(found)
      } (${match.map(sqlName).join(", ")})`,
    );
  }
}

function refused(
  path: Path,
  { where }: LookupRule,
  { name, refusal }: LookupTable,
  problems: Problems,
): void {
  const { message, isPrivilege } = refusal!;
  const isCondition = !isPrivilege && where !== null;
  problems.add(isCondition ? [...path, "where"] : path, {
    found: isCondition ? describe(where) : describe(name),
    expected: isCondition ? "a condition on its rows" : "a table that can be read",
    sentence: isPrivilege
      ? `the role may not read what it takes from ${name} (${message}); grant select on it`
      : isCondition
      ? `Postgres refuses the condition: ${message}`
      : `Postgres refuses to look into ${name}: ${message}`,
  });
}

function warnOfIndex(
  path: Path,
  { match }: LookupRule,
  found: LookupTable,
  warnings: Problems,
): void {
  const columns = match.map(sqlName).join(", ");
  warnings.add([...path, "match"], {
    found: match.join(", "),
    expected: "columns with an index",
    sentence: `no index of ${found.name} begins with ${match.join(" or ")}, so each batch reads ` +
      `the whole table: create index on ${tableName(found)} (${columns})`,
  });
}

function tableName({ schema, name }: LookupTable): string {
  return `${sqlName(schema)}.${sqlName(name)}`;
}

function noColumn(path: Path, name: string, found: LookupTable, problems: Problems): void {
  const suggestion = nearest(name, found.columns);
  const has = suggestion === null ? `; it has ${found.columns.join(", ")}` : "";
  problems.add(path, {
    found: describe(name),
    expected: `a column of ${found.name}`,
    suggestion,
    wanted: name,
    sentence: `the table ${found.name} has no column ${describe(name)}${has}`,
  });
}
