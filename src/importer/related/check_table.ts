/** Checks the name of a table that gets rows which belong to the imported ones. */
import { describe, type Path, type Problems } from "../problem.ts";
import { isReservedSchema, parseTableName } from "../table_name.ts";

export function checkRelatedTable(
  path: Path,
  table: string,
  ownSchema: string,
  problems: Problems,
): void {
  const name = parseTableName(table);
  if (name === null) {
    problems.wrong(path, table, "a table such as customer_tags (other names need double quotes)");
  } else if (name.schema !== null && isReservedSchema(name.schema, ownSchema)) {
    const whose = name.schema === ownSchema ? "ingest's own" : "Postgres's own";
    problems.add(path, {
      found: describe(table),
      expected: "a table of your own",
      sentence: `${describe(table)} is one of ${whose} tables; an import can't write to it`,
    });
  }
}
