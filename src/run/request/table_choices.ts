/** What somebody may choose who loads a file without an importer: a table, and its key. */
import type { Session } from "../../db/session.ts";
import { TableLocked } from "../../db/table_locked.ts";
import { adHocDefinition } from "../../importer/ad_hoc.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import { lookAtTable } from "../read_table.ts";
import { settingsFor } from "../user_settings.ts";

export { listTables } from "../../load/catalog/list_tables.ts";

/** Milliseconds to wait for a table that somebody has locked. */
const PATIENCE = 200;

/**
 * The columns of each unique index, the primary key first. Empty also if there is no such table, or it
 * can't be read now: whoever uses it is told.
 */
export async function keysOfTable(
  session: Session,
  table: string,
  ledgerSchema: string,
): Promise<readonly (readonly string[])[]> {
  try {
    const definition = adHocDefinition({ table }, { ownSchema: ledgerSchema });
    const settings = await settingsFor(session, definition);
    const { uniqueIndexes } = await lookAtTable(session, settings, table, ledgerSchema, PATIENCE);
    return uniqueIndexes.toSorted((a, b) => Number(b.primary) - Number(a.primary))
      .flatMap(({ columns, partial }) => columns === null || partial ? [] : [columns]);
  } catch (error) {
    const isExpected = error instanceof TargetError || error instanceof TableLocked ||
      error instanceof DefinitionError;
    if (!isExpected) throw error;
    return [];
  }
}
