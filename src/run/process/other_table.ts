/** Whether a batch's program was compiled for the table that its rows have gone into. */
import type { Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { readFingerprint } from "../../ledger/table_fingerprint.ts";
import { UnexpectedCount } from "../../load/unexpected_count.ts";
import type { RunProgram } from "../program.ts";

/**
 * The batch's program was compiled for another table: it has changed since, or one in which its values
 * are looked up has.
 */
export class TableChanged extends Error {
  override readonly name = "TableChanged";
}

/**
 * Before a batch, its transaction locks the table, so that nobody can alter it. Its partitions are locked
 * only when rows arrive in them: until then, somebody may put a trigger on one. So a table that has
 * partitions is looked at once more when the rows are loaded, or if they come out otherwise than
 * expected. Throws TableChanged.
 */
export async function inKnownPartitions<T>(
  session: Session,
  ledgerSchema: string,
  { loadPlan, target }: RunProgram,
  load: () => Promise<T>,
): Promise<T> {
  if (!loadPlan.table.partitioned) return await load();
  const lookAgain = async () => {
    const now = await readFingerprint(new Ledger(session, ledgerSchema), target.names);
    if (now !== target.fingerprint) throw new TableChanged();
  };
  let loaded: T;
  try {
    loaded = await load();
  } catch (error) {
    if (error instanceof UnexpectedCount) await lookAgain();
    throw error;
  }
  await lookAgain();
  return loaded;
}
