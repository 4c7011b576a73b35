/** Reads a run's table from the catalog, with its fingerprint, within a time limit. */
import type { Session } from "../db/session.ts";
import { isLockTimeout, TABLE_PATIENCE, TableLocked } from "../db/table_locked.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs.ts";
import { readFingerprint } from "../ledger/table_fingerprint.ts";
import { introspect } from "../load/introspect.ts";
import type { Table } from "../load/table.ts";

/**
 * Finds the table on the search path of whoever created the run. Postgres waits for whoever has locked the table before it tells what the table's expressions are.
 * `patience`:
 * milliseconds; 0: no limit. Throws TargetError and TableLocked.
 */
export async function readTable(
  session: Session,
  { definition, settings }: Pick<Run, "definition" | "settings">,
  ledgerSchema: string,
  patience = TABLE_PATIENCE,
): Promise<Table> {
  const name = definition.table;
  const read = async () => {
    await session.query(`set local lock_timeout = ${patience}`);
    // Before all the rest: if the table changes in between, the first batch notices.
    const fingerprint = await readFingerprint(new Ledger(session, ledgerSchema), name);
    return { ...await introspect(session, name, ledgerSchema), fingerprint };
  };
  try {
    return session.transactionState === "open"
      ? await read()
      : await session.transaction(read, settings);
  } catch (error) {
    throw isLockTimeout(error) ? new TableLocked(`The table ${name}`, { cause: error }) : error;
  }
}
