/** Which run has loaded the same bytes into the same table. */
import { PostgresError, type Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import {
  type EarlierLoad,
  isDone,
  listLoadsOf,
  loadsSomething,
  mayBeSame,
} from "../../ledger/runs/same_bytes.ts";
import type { Table } from "../../load/catalog/table.ts";
import { isSameTable } from "../same_table.ts";
import { identifyFile } from "../../source/file/identify_file.ts";

/** Bytes. Larger files are compared when they are loaded. */
const MOST_BYTES = 1024 * 1024;

/**
 * Null: none has, or the file is too large to be read whole here. One that loaded all of it counts for
 * more than one that stopped in the middle.
 */
export async function loadedBefore(
  session: Session,
  ledgerSchema: string,
  { path, table }: { readonly path: string; readonly table: Table },
): Promise<EarlierLoad | null> {
  if ((await Deno.stat(path)).size > MOST_BYTES) return null;
  const file = await identifyFile(path);
  const loads = await listLoads(new Ledger(session, ledgerSchema), file.fingerprint);
  const same = loads.filter((load) =>
    isSameTable(load.definition, table) && mayBeSame(load, file) && loadsSomething(load)
  );
  return same.findLast(isDone) ?? same.at(-1) ?? null;
}

/** No such schema, table or column, or no right to read them. */
const NO_LEDGER = ["3F000", "42P01", "42703", "42501"];
/** No run has this number. */
const NONE = 0;

async function listLoads(ledger: Ledger, fingerprint: string): Promise<readonly EarlierLoad[]> {
  try {
    return await listLoadsOf(ledger, fingerprint, NONE);
  } catch (error) {
    // `check` looks at files before ingest has any tables.
    if (error instanceof PostgresError && NO_LEDGER.includes(error.code)) return [];
    throw error;
  }
}
