/** Opens a session with the first server of a configuration that can be used, as libpq does. */
import type { DatabaseConfig } from "../config/database_config.ts";
import { DatabaseUnreachable, PostgresError } from "./connection_errors.ts";
import { saslprep } from "./saslprep.ts";

const WRONG_PASSWORD = "28P01";

/**
 * `open` tries one server. Throws DatabaseUnreachable: what the last one said, and that there are
 * others. A server that refuses the user or the database ends the search.
 */
export async function openFirst<T>(
  config: DatabaseConfig,
  open: (server: DatabaseConfig, passwordAsItIs: boolean) => Promise<T>,
): Promise<T> {
  const servers = [config, ...config.others ?? []];
  const reasons: string[] = [];
  for (const server of servers) {
    try {
      return await openWithEither(server, open);
    } catch (error) {
      if (!(error instanceof DatabaseUnreachable) || refuses(error)) throw error;
      reasons.push(error.message);
      if (reasons.length === servers.length) {
        throw new DatabaseUnreachable(reasons.join(" "), {
          temporary: error.temporary,
          cause: error.cause,
        });
      }
    }
  }
  throw new Error("A configuration names no server");
}

function refuses({ temporary, cause }: DatabaseUnreachable): boolean {
  return cause instanceof PostgresError && !temporary;
}

/** With the password as SCRAM wants it, or else as it is: see `saslprep`. */
async function openWithEither<T>(
  server: DatabaseConfig,
  open: (server: DatabaseConfig, passwordAsItIs: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await open(server, false);
  } catch (error) {
    const { password } = server;
    const wasRefused = error instanceof DatabaseUnreachable &&
      error.cause instanceof PostgresError && error.cause.code === WRONG_PASSWORD;
    if (!wasRefused || password === null || saslprep(password) === password) throw error;
    return await open(server, true);
  }
}
