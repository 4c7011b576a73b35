/** Sends statements over a connection that is waiting for nothing. */
import type { DatabaseConfig } from "../config/database_config.ts";
import { WrongServer } from "./connection_errors.ts";
import { announcedPid } from "./backend_key.ts";
import type { Connection } from "./connection.ts";
import { encodeParameter } from "./parameters.ts";
import { type Repertoire, unescapeAll } from "./repertoire.ts";
import { GREETING, type Greeting, SessionSettings } from "./session_settings.ts";

/** Rows, and how many of them the statement affected. */
export type Result<Row> = readonly Row[] & { readonly count: number | null };

/** Resolves with the last result: several statements in one text have several. */
export async function send<Row extends object>(
  connection: Connection,
  text: string,
  parameters: readonly unknown[] = [],
  repertoire: Repertoire | null = null,
): Promise<Result<Row>> {
  const encoded = parameters.map(encodeParameter);
  const values = repertoire === null
    ? encoded
    : encoded.map((value) => value === null ? null : repertoire.escape(value));
  const results = await inOneMessage(connection.sql.unsafe<Row[]>(text, values));
  const result = Array.isArray(results[0])
    ? results[results.length - 1] as typeof results
    : results;
  if (repertoire === null) return result;
  const rows = result.map((row) => unescapeAll(row, repertoire) as Row);
  return Object.assign(rows, { count: result.count });
}

/**
 * postgres.js asks the server for the types of a statement's parameters before it sends them, and
 * waits for the answer. Ours are text whatever their types, so statement and parameters go together:
 * an import of ten rows has 26 such statements. `describeFirst`, which it would set when it sends the
 * query, is an internal of the pinned version; `tests/db/statement_test.ts` fails if it has changed.
 */
function inOneMessage<Query extends object>(query: Query): Query {
  return Object.defineProperty(query, "describeFirst", { get: () => false, set: () => {} });
}

/**
 * Sends a statement in a transaction of its own. Behind a pooler, our settings hold only in
 * transactions.
 */
export async function sendAlone<Row extends object>(
  connection: Connection,
  settings: SessionSettings,
  text: string,
  parameters: readonly unknown[],
): Promise<Result<Row>> {
  await send(connection, settings.begin());
  try {
    const result = await send<Row>(connection, text, parameters, settings.repertoire);
    await send(connection, "commit");
    return result;
  } catch (error) {
    if (connection.wire.transaction() === "open") await send(connection, "rollback");
    throw error;
  }
}

/**
 * Learns about the server, and sets what our own statements rely on. Throws WrongServer if it is
 * not what the user wants.
 */
export async function greet(
  connection: Connection,
  target: DatabaseConfig["target"],
): Promise<SessionSettings> {
  const query = connection.sql.unsafe<Greeting[]>(GREETING);
  const [greeting] = await query;
  if (target === "primary" && greeting.standby) throw new WrongServer("it is a standby");
  if (target === "read-write" && greeting.readonly) {
    throw new WrongServer("it accepts no writes at the moment");
  }
  const settings = new SessionSettings(greeting, announcedPid(query));
  if (!settings.isPooled) await send(connection, settings.once);
  return settings;
}
