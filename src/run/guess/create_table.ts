/** Creates the table that was guessed for a file, and takes it back if no run came of it. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";
import { Refused } from "../request/refuse/refused.ts";
import { type NewTable, tableName } from "./new_table.ts";

const NO_SCHEMA = "3F000";
const DUPLICATE_TABLE = "42P07";

/** Throws Refused if something has this name. */
export async function refuseExisting(session: Session, table: string): Promise<void> {
  const [{ found }] = await session.query<{ found: string | null }>(
    "select to_regclass($1)::text as found",
    [tableName(table)],
  );
  if (found !== null) throw exists(table);
}

function exists(table: string): Refused {
  return new Refused(
    `Cannot create ${table}: it is there already. Load into it without --create, or name another ` +
      "table.",
  );
}

/** Throws Refused with what Postgres says. */
export async function createTable(session: Session, { table, plainSql }: NewTable): Promise<void> {
  try {
    await session.query(plainSql);
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    if (error.code === DUPLICATE_TABLE) throw exists(table);
    const advice = error.code === NO_SCHEMA ? " Create the schema first." : "";
    throw new Refused(`Cannot create ${table}: ${error.message}.${advice}`, { cause: error });
  }
}

/** Nobody has loaded anything into it. */
export async function dropEmptyTable(session: Session, { table }: NewTable): Promise<void> {
  await session.query(`drop table if exists ${tableName(table)}`);
}
