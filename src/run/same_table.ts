import { parseTableName } from "../importer/table_name.ts";
import type { Table } from "../load/catalog/table.ts";

/** Is this, as a definition names it, the table? */
export function isSameTable(named: string, { schema, name }: Pick<Table, "schema" | "name">) {
  const table = parseTableName(named);
  return table?.name === name && (table.schema ?? schema) === schema;
}
