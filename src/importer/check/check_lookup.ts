/** Checks whether the values of a column's `lookup` fit together, and fit the rest of its rule. */
import { describe, type Path, type Problems } from "../problem.ts";
import type { ParsedColumn } from "../schema.ts";
import { isReservedSchema, parseTableName } from "../table_name.ts";

/** What can be said of each of several values that are looked up together. All else is about one. */
const BESIDE_SEVERAL: readonly string[] = [
  ...["from", "lookup", "required", "trim", "transform", "empty", "on_update", "message", "when"],
];

export function checkLookup(
  path: Path,
  column: ParsedColumn,
  ownSchema: string,
  problems: Problems,
): void {
  const { lookup } = column;
  if (lookup === undefined) return;
  const here = [...path, "lookup"];
  checkTable([...here, "table"], lookup.table, ownSchema, problems);
  const match = [lookup.match].flat();
  for (const [index, name] of match.entries()) {
    const at = Array.isArray(lookup.match) ? [...here, "match", index] : [...here, "match"];
    if (name === "") problems.wrong(at, name, "a column of the look-up table");
    if (match.indexOf(name) < index) {
      problems.add(at, {
        found: describe(name),
        expected: "each column once",
        sentence: `${describe(name)} is already compared`,
      });
    }
  }
  if (lookup.returns === "") problems.wrong([...here, "returns"], "", "a column of that table");
  if (lookup.where?.trim() === "") {
    problems.wrong([...here, "where"], "", "a condition such as deleted_at is null");
  }
  if (lookup.create === true && lookup.where !== undefined) {
    problems.add([...here, "create"], {
      found: "create together with `where`",
      expected: "one of them",
      sentence: "can't be combined with `where`: a row that is added has only the values of " +
        "`match`, and need not satisfy the condition",
    });
  }
  if (match.length > 1) checkSeveral(path, column, match.length, problems);
}

function checkTable(path: Path, table: string, ownSchema: string, problems: Problems): void {
  const name = parseTableName(table);
  if (name === null) {
    problems.wrong(path, table, "a table such as companies (other names need double quotes)");
  } else if (name.schema !== null && isReservedSchema(name.schema, ownSchema)) {
    problems.add(path, {
      found: describe(table),
      expected: "a table of your own",
      sentence: `${describe(table)} is one of ${
        name.schema === ownSchema ? "ingest's own" : "Postgres's own"
      } tables; nothing is looked up there`,
    });
  }
}

/** Several columns are compared, so there are as many values, each of one source column. */
function checkSeveral(path: Path, column: ParsedColumn, count: number, problems: Problems): void {
  const sources = column.from === undefined ? 0 : [column.from].flat().length;
  if (column.value === undefined && sources !== count) {
    problems.add([...path, "from"], {
      found: sources === 1 ? "1 source column" : `${sources} source columns`,
      expected: `${count}, one for each column of \`match\``,
      sentence: `needs ${count} source columns, one for each column of \`lookup.match\`, ` +
        "in the same order",
    });
  }
  for (const key of Object.keys(column)) {
    if (BESIDE_SEVERAL.includes(key)) continue;
    problems.add([...path, key], {
      found: `\`${key}\` together with a look-up by several columns`,
      expected: `no \`${key}\``,
      sentence: "is about one value, and the look-up compares several: " +
        `only ${BESIDE_SEVERAL.slice(2).join(", ")} can stand beside it`,
    });
  }
  const steps = column.transform ?? [];
  for (const [index, step] of steps.entries()) {
    if (typeof step !== "object" || step.concat === undefined) continue;
    problems.add([...path, "transform", index], {
      found: "concat together with a look-up by several columns",
      expected: "no concat",
      sentence: "joins several values to one, and the look-up compares each of them",
    });
  }
}
