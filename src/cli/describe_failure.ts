/** What an error means to the caller of a command: one table. */
import { messagesByPath } from "../importer/messages_by_path.ts";
import { describeSystemError } from "./system_error.ts";
import { printable } from "./render/terminal_text.ts";
import { EXIT } from "./exit_codes.ts";

export interface Failure {
  readonly exit: number;
  /** Stable: the HTTP API's. */
  readonly code: string;
  /** What is wrong and what to do; usually one line. */
  readonly message: string;
  /** By path, if there are several. */
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}

interface Meaning {
  readonly exit: number;
  readonly code: string;
}

/**
 * By the error's name, not its class: importing the classes would load the database driver, zod
 * and yaml for every command, even `version`.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  UsageError: { exit: EXIT.usage, code: "usage" },
  CommanderError: { exit: EXIT.usage, code: "usage" },
  UnknownImporter: { exit: EXIT.notFound, code: "unknown_importer" },
  NoSuchRun: { exit: EXIT.notFound, code: "no_such_run" },
  NeverUsed: { exit: EXIT.notFound, code: "no_such_run" },
  NoRunYet: { exit: EXIT.notFound, code: "no_such_run" },
  NoSuchGroup: { exit: EXIT.notFound, code: "no_such_group" },
  AmbiguousGroup: { exit: EXIT.usage, code: "ambiguous_group" },
  NoSuchToken: { exit: EXIT.notFound, code: "no_such_token" },
  DatabaseUnreachable: { exit: EXIT.unreachable, code: "database_unreachable" },
  EmbeddedPostgresFailed: { exit: EXIT.unreachable, code: "database_unreachable" },
  SessionLost: { exit: EXIT.unreachable, code: "database_lost" },
  CannotListen: { exit: EXIT.failed, code: "cannot_listen" },
  WorkersCrash: { exit: EXIT.failed, code: "workers_crash" },
  Refused: { exit: EXIT.failed, code: "conflict" },
  ChainBusy: { exit: EXIT.failed, code: "conflict" },
  ExportTooLarge: { exit: EXIT.failed, code: "conflict" },
  TokenNameTaken: { exit: EXIT.failed, code: "conflict" },
  WaitTimeout: { exit: EXIT.failed, code: "timeout" },
  OutputFailed: { exit: EXIT.failed, code: "output" },
  ExportStopped: { exit: EXIT.cancelled, code: "cancelled" },
  VerifyStopped: { exit: EXIT.cancelled, code: "cancelled" },
  SourceError: { exit: EXIT.failed, code: "source" },
  UnpacksTooLarge: { exit: EXIT.failed, code: "too_large" },
  StorageError: { exit: EXIT.failed, code: "storage" },
  HeaderMismatch: { exit: EXIT.failed, code: "header" },
  TableLocked: { exit: EXIT.failed, code: "table_locked" },
  TargetError: { exit: EXIT.failed, code: "target" },
  DefinitionError: { exit: EXIT.failed, code: "definition" },
  SchemaMismatch: { exit: EXIT.failed, code: "schema" },
  DefinitionMismatch: { exit: EXIT.failed, code: "definition" },
};

export function toFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return internal(String(error));
  const meaning = Object.hasOwn(MEANINGS, error.name) ? MEANINGS[error.name] : undefined;
  switch (error.name) {
    case "CommanderError":
    case "InvalidArgumentError":
      return { exit: EXIT.usage, code: "usage", message: commanderMessage(error.message) };
    case "SessionLost":
      return {
        ...MEANINGS.SessionLost,
        message: `${sentence(error.message + why(error.cause))} Try again when it is back.`,
      };
    case "PostgresError":
      return postgresFailure(error);
  }
  if (meaning === undefined) return systemFailure(error) ?? internal(error.message);
  const errors = messagesByPath(error);
  return { ...meaning, message: error.message, ...(errors && { errors }) };
}

/** Null if the system did not refuse anything. */
function systemFailure(error: Error): Failure | null {
  const message = describeSystemError(error);
  return message === null ? null : { exit: EXIT.failed, code: "system", message };
}

function internal(message: string): Failure {
  return {
    exit: EXIT.failed,
    code: "internal",
    message: `An error in ingest itself: ${printable(message)}. --verbose shows where.`,
  };
}

/** As in db/sqlstate.ts, which would load the database driver. */
const READ_ONLY = "25006";

function postgresFailure(error: Error): Failure {
  const sqlstate = "code" in error && typeof error.code === "string" ? error.code : "unknown";
  if (sqlstate === READ_ONLY) {
    return {
      exit: EXIT.unreachable,
      code: "read_only",
      message:
        `The database accepts no writes: ${printable(error.message)}. Is it a standby, or in ` +
        "a failover? Several servers in the URL and target_session_attrs=read-write find the right one.",
    };
  }
  const hint = sqlstate === "42501" ? " Ask for the permission, or connect as another user." : "";
  return {
    exit: EXIT.failed,
    code: "database",
    message: `Postgres error: ${printable(error.message)} (SQLSTATE ${sqlstate}).${hint}`,
  };
}

/** `error: unknown option '--fil'\n(Did you mean --file?)` → one line without the prefix. */
function commanderMessage(message: string): string {
  const said = message.replace(/^error: /u, "")
    .replace(/\n\(Did you mean (.*)\)$/u, "; did you mean $1");
  if (/^unknown command '(?!.*; did you mean).*'$/su.test(said)) {
    return `${said}; ingest --help lists them`;
  }
  // A pattern such as `*.csv`, which the shell has replaced by several files.
  const many = /^too many arguments for 'run'\..* but got (\d+): (.*)\.$/su.exec(said);
  if (many !== null) {
    return "too many arguments for 'run': it takes one importer, and got " +
      `${many[1]} names: ${many[2]}. A pattern belongs in quotes: --file '*.csv'`;
  }
  return said;
}

function why(cause: unknown): string {
  return cause instanceof Error ? ` (${printable(cause.message)})` : "";
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
