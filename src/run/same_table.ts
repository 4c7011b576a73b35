import type { Definition } from "../importer/definition.ts";
import { tableNames } from "../importer/routes/routes.ts";
import { parseTableName } from "../importer/table_name.ts";
import type { Table } from "../load/catalog/table.ts";

type Named = Pick<Table, "schema" | "name">;

/** Does a definition name this table, or all of these and no other? */
export function isSameTable(
  definition: Pick<Definition, "table" | "tables">,
  table: Named & { readonly routes?: readonly Named[] },
): boolean {
  const names = tableNames(definition);
  const { routes = [table] } = table;
  return names.length === routes.length &&
    names.every((name, index) => isNamed(name, routes[index]));
}

function isNamed(named: string, { schema, name }: Named): boolean {
  const table = parseTableName(named);
  return table?.name === name && (table.schema ?? schema) === schema;
}
