/** Errors of the database, and of the connection to it. */
import postgres from "postgres";

/** An error that Postgres returned. `code` is its SQLSTATE. */
export const PostgresError: typeof postgres.PostgresError = postgres.PostgresError;
export type PostgresError = InstanceType<typeof postgres.PostgresError>;

/**
 * The connection is gone, and the session with it. Nothing of the open transaction was committed,
 * unless the commit itself was in flight: then only a look into the database can tell.
 */
export class SessionLost extends Error {
  override readonly name = "SessionLost";
}

/** Why something failed, in one line: for a lost connection, what ended it. */
export function reasonOf(error: unknown): string {
  if (error instanceof SessionLost) {
    return error.cause instanceof Error ? error.cause.message : "the server hung up";
  }
  return error instanceof Error ? error.message : String(error);
}

/** Every session of a pool stayed in use for too long. `message` is one line for the user. */
export class PoolBusy extends Error {
  override readonly name = "PoolBusy";
}

/** The database answers, but accepts no writes. The message is one line that says what to do. */
export class ReadOnlyDatabase extends Error {
  override readonly name = "ReadOnlyDatabase";

  constructor() {
    super(
      "The database accepts no writes at the moment. Is it a standby, or in a failover? " +
        "Several servers in the URL and target_session_attrs=read-write find the right one.",
    );
  }
}

/** The server is not the one that `target_session_attrs` asks for. The message says what it is. */
export class WrongServer extends Error {
  override readonly name = "WrongServer";
}

/** No session could be opened. `message` is one line that says why and what to do. */
export class DatabaseUnreachable extends Error {
  override readonly name = "DatabaseUnreachable";
  /** Waiting may help: the server is down, starting, or full. */
  readonly temporary: boolean;

  constructor(message: string, options: { temporary: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.temporary = options.temporary;
  }
}
