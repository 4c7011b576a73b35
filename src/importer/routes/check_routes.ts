/** Checks a definition with several tables: each as if it were the only one, and all together. */
import { checkCondition } from "../condition/check.ts";
import type { Definition } from "../definition.ts";
import { columnsCounted } from "../gates.ts";
import { isMapping } from "../issues.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import type { ParsedDefinition } from "../schema.ts";
import { parseTableName } from "../table_name.ts";
import { partsOf, rawPartsOf } from "./complete_routes.ts";
import { routeDefinitions, wholePath } from "./routes.ts";

type Check = (
  raw: unknown,
  parsed: ParsedDefinition,
  definition: Definition,
  problems: Problems,
) => void;

/** `checkOne`: checks a definition with one table. */
export function checkRoutes(
  raw: unknown,
  parsed: ParsedDefinition,
  definition: Definition,
  problems: Problems,
  checkOne: Check,
): void {
  const { tables } = parsed;
  if (tables === undefined) return checkOne(raw, parsed, definition, problems);
  const written = isMapping(raw) ? raw : {};
  for (const [index, own] of routeDefinitions(definition).entries()) {
    const part = problems.part((path) => wholePath(definition, index, path));
    checkOne(rawPartsOf(written, index), partsOf(parsed, index), own, part);
    problems.adoptNew(part.list);
  }
  if (parsed.table !== undefined) {
    refuse(["table"], "`table` beside `tables`", "name each table in `tables` only");
  }
  for (const [index, { table, when }] of tables.entries()) {
    const path = ["tables", index];
    // With hooks, whoever loads them looks whether they choose the table.
    if (when === undefined && index < tables.length - 1 && parsed.hooks === undefined) {
      problems.add([...path], {
        found: `${describe(table)} without \`when\``,
        expected: "a condition",
        sentence:
          "without `when` it takes all rows, so no table after it gets any: only the last " +
          "one may have none",
      });
    }
    if (when !== undefined) {
      const given = Array.isArray(written.tables) && isMapping(written.tables[index])
        ? written.tables[index].when
        : undefined;
      checkCondition([...path, "when"], given, when, problems);
    }
    if (tables.findIndex((each) => isSame(each.table, table)) < index) {
      problems.add([...path, "table"], {
        found: describe(table),
        expected: "each table once",
        sentence:
          `${describe(table)} is in the list already: join both conditions with any: […], ` +
          "and give columns a `when` where they differ",
      });
    }
  }
  refuseTogether();

  function refuse(path: Path, found: string, instead: string): void {
    problems.add(path, {
      found,
      expected: "either this or `tables`",
      sentence: `can't be combined with \`tables\`: ${instead}`,
    });
  }

  function refuseTogether(): void {
    const { many, nested, on_absent, options = {} } = parsed;
    const alone = "rows that go into several tables can't do that yet";
    if (many !== undefined) refuse(["many"], "`many`", alone);
    if (nested !== undefined) refuse(["nested"], "`nested`", alone);
    if (on_absent !== undefined && on_absent !== "keep") {
      refuse(["on_absent"], "`on_absent`", alone);
    }
    if (options.unmapped === "fail") {
      refuse(["options", "unmapped"], "fail", "each table leaves out what is for the others");
    }
    if (columnsCounted(definition.options).length > 0) {
      refuse(["options", "hold_if"], "missing values of a column", alone);
    }
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [parseTableName(one), parseTableName(other)];
  return a !== null && b !== null && a.name === b.name && a.schema === b.schema;
}
