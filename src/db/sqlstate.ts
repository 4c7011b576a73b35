/**
 * Classifies database errors by SQLSTATE, never by their text. This is the one place that says
 * which are the data's fault, which are worth another try, and which are neither.
 */
import { DatabaseUnreachable, PostgresError, SessionLost } from "./connection_errors.ts";

export type ErrorKind =
  /** The row's fault. It fails, and the other rows are loaded. */
  | "data"
  /** Bad luck, such as a deadlock or a lock timeout. The same again may succeed. */
  | "transient"
  /** The connection is gone. A new one may work. */
  | "lost"
  /** Trying again would fail in the same way. */
  | "fatal";

/** The transaction is read-only: the server is a standby, or a setting says so. */
export const READ_ONLY = "25006";

/** Full codes first, then classes (their first two characters). */
const KINDS: Readonly<Record<string, ErrorKind>> = {
  // Raised by a user's trigger or function: PL/pgSQL's RAISE, no data found, assert.
  P0001: "data",
  P0002: "data",
  P0003: "data",
  P0004: "data",
  // A trigger's CASE without a branch for this row.
  "20000": "data",
  // ON CONFLICT or a trigger touches a row twice.
  "21000": "data",
  // A view's or policy's check option.
  "44000": "data",
  // A row that is too big for its page or index.
  "54000": "data",
  "40001": "transient",
  "40P01": "transient",
  "55P03": "transient",
  // Cancelled by statement_timeout or by a person.
  "57014": "transient",
  // Shut down by an administrator, crashed, starting up, idle session, idle transaction.
  "57P01": "lost",
  "57P02": "lost",
  "57P03": "lost",
  "57P05": "lost",
  "25P03": "lost",
  // No writes, as in a failover: a new connection may lead to a server that accepts them.
  [READ_ONLY]: "lost",
  // Too many connections: one may become free in a moment.
  "53300": "lost",
  "08": "lost",
  "22": "data",
  "23": "data",
};

export interface Classified {
  readonly kind: ErrorKind;
}

export function classify(error: unknown): Classified {
  if (error instanceof SessionLost) return { kind: "lost" };
  if (error instanceof DatabaseUnreachable) return { kind: error.temporary ? "lost" : "fatal" };
  if (!(error instanceof PostgresError)) return { kind: "fatal" };
  if (isReported(error)) return { kind: error.code === "08P01" ? "fatal" : "transient" };
  return { kind: KINDS[error.code] ?? KINDS[error.code.slice(0, 2)] ?? "fatal" };
}

/**
 * The server is read-only, it lacks a resource, it was interrupted, its disk or its data is broken,
 * or it can't read our message. No row causes that, so none must fail for it.
 */
const OF_SERVER = /^(25006|53|57|58|XX00[12]|08P01)/;

export function isOfServer(error: PostgresError): boolean {
  return OF_SERVER.test(error.code) || ENDS_THE_SESSION.includes(error.severity);
}

const ENDS_THE_SESSION = ["FATAL", "PANIC"];

/**
 * Postgres reports trouble with a connection over a connection that is fine: it rejects a message as
 * malformed, such as a binary value that is too short for its type (08P01), or a trigger can't reach
 * another server. (PgBouncer uses these SQLSTATEs as well when it has no server, but names no
 * routine.)
 */
function isReported({ code, severity, routine }: PostgresError): boolean {
  return code.startsWith("08") && severity !== "FATAL" && Boolean(routine);
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;

/** Milliseconds to wait after this many failures in a row. It doubles each time; half is random. */
export function backoff(failures: number, random: () => number = Math.random): number {
  const pause = Math.min(FIRST_PAUSE * 2 ** (Math.min(failures, 16) - 1), LONGEST_PAUSE);
  return pause * (0.5 + random() / 2);
}
