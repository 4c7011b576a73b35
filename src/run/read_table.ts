/** Reads a run's table from the catalog, with its fingerprint, within a time limit. */
import type { Session } from "../db/session.ts";
import type { UserSettings } from "../db/session_settings.ts";
import { isLockTimeout, TABLE_PATIENCE, TableLocked } from "../db/table_locked.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs.ts";
import { readFingerprint } from "../ledger/table_fingerprint.ts";
import { closedSchemaIsNamed, introspect } from "../load/catalog/introspect.ts";
import type { Table } from "../load/catalog/table.ts";

/**
 * Finds the table on the search path of whoever created the run. `patience`: milliseconds; 0: no
 * limit. Throws TargetError and TableLocked.
 */
export async function readTable(
  session: Session,
  { definition, settings }: Pick<Run, "definition" | "settings">,
  ledgerSchema: string,
  patience = TABLE_PATIENCE,
): Promise<Table> {
  const name = definition.table;
  return await patiently(session, settings, name, patience, async () => {
    // Before all the rest: if the table changes in between, the first batch notices.
    const fingerprint = await closedSchemaIsNamed(
      name,
      readFingerprint(new Ledger(session, ledgerSchema), name),
    );
    return { ...await introspect(session, name, ledgerSchema), fingerprint };
  });
}

/** The same without ingest's own tables, which may not be there yet. */
export async function lookAtTable(
  session: Session,
  settings: UserSettings,
  name: string,
  ledgerSchema: string,
): Promise<Table> {
  const read = () => introspect(session, name, ledgerSchema);
  return await patiently(session, settings, name, TABLE_PATIENCE, read);
}

/** Postgres waits for whoever has locked the table before it tells what its expressions are. */
async function patiently<T>(
  session: Session,
  settings: UserSettings | null,
  table: string,
  patience: number,
  work: () => Promise<T>,
): Promise<T> {
  const limit = `set local lock_timeout = ${patience}`;
  try {
    if (session.transactionState !== "open") {
      return await session.transaction(work, settings, limit);
    }
    await session.query(limit);
    return await work();
  } catch (error) {
    throw isLockTimeout(error) ? new TableLocked(`The table ${table}`, { cause: error }) : error;
  }
}
