/**
 * What the client gets for an error: one table. Errors that are not in it are our own. For these
 * the client gets a request id and nothing else: no stack, SQL or path leaves the server.
 */
import { basename } from "node:path";
import { PostgresError } from "../../db/connection_errors.ts";
import { READ_ONLY } from "../../db/sqlstate.ts";
import { messagesByPath } from "../../importer/messages_by_path.ts";
import type { SourceChoice } from "../../source/error.ts";
import type { CodeOf, FailureCode, FailureStatus } from "./failure_codes.ts";
import { withoutCommands } from "./public_commands.ts";
import { withoutPaths } from "./public_words.ts";

export interface FailureBody {
  readonly message: string;
  /** Stable. */
  readonly code: FailureCode;
  /** By field, if there are several. */
  readonly errors?: Readonly<Record<string, readonly string[]>>;
  /** What a request may say instead, by parameter. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
}

export interface FailureAnswer {
  readonly status: FailureStatus;
  readonly body: FailureBody;
  /** Seconds after which the client may try again. */
  readonly retryAfter?: number;
}

/** A request that the server refuses. Handlers throw it; its status and message are the answer. */
export class RequestRefused<Status extends FailureStatus = FailureStatus> extends Error {
  override readonly name = "RequestRefused";
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number = undefined;

  constructor(
    readonly status: Status,
    readonly code: CodeOf<Status>,
    message: string,
    readonly errors?: Readonly<Record<string, readonly string[]>>,
  ) {
    super(message);
  }
}

/** A status, with one of its own codes. */
type Meaning = {
  readonly [Status in FailureStatus]: {
    readonly status: Status;
    readonly code: CodeOf<Status>;
    /** Replaces the error's own message, which may contain paths. */
    readonly message?: string;
  };
}[FailureStatus];

const AWAY: Meaning = {
  status: 503,
  code: "database_unreachable",
  message: "The database can't be reached. Try again in a moment.",
};

const READ_ONLY_DATABASE: Meaning = {
  status: 503,
  code: "read_only",
  message: "The database accepts no writes at the moment. Try again in a moment.",
};

/** By the error's name: the classes are spread over the whole program. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  Unauthorized: { status: 401, code: "unauthorized" },
  NoSuchRun: { status: 404, code: "no_such_run" },
  NoSuchGroup: { status: 404, code: "no_such_group" },
  AmbiguousGroup: { status: 422, code: "ambiguous_group" },
  UnknownImporter: { status: 404, code: "unknown_importer", message: "There is no such importer." },
  Refused: { status: 409, code: "conflict" },
  ChainBusy: { status: 409, code: "conflict" },
  ExportTooLarge: { status: 409, code: "conflict" },
  TooLarge: { status: 413, code: "too_large" },
  UnpacksTooLarge: { status: 413, code: "too_large" },
  SourceError: { status: 422, code: "source" },
  StorageError: { status: 500, code: "storage", message: "The server can't store the file." },
  CannotSave: { status: 500, code: "storage" },
  TooManyStreams: { status: 503, code: "busy" },
  ServerClosing: { status: 503, code: "closing" },
  HeaderMismatch: { status: 422, code: "header" },
  TargetError: { status: 422, code: "target" },
  DefinitionMismatch: { status: 422, code: "definition" },
  DefinitionError: { status: 422, code: "definition" },
  DatabaseUnreachable: AWAY,
  ReadOnlyDatabase: READ_ONLY_DATABASE,
  SessionLost: AWAY,
  EmbeddedPostgresFailed: AWAY,
  NeverUsed: {
    status: 503,
    code: "schema",
    message: "ingest's tables are missing in the database. Start the server again.",
  },
  SchemaMismatch: {
    status: 503,
    code: "schema",
    message: "The schema in the database belongs to another version of ingest.",
  },
  TableLocked: { status: 503, code: "table_locked" },
  PoolBusy: {
    status: 503,
    code: "busy",
    message: "All connections to the database are in use. Try again in a moment.",
  },
};

const RETRY_AFTER = 2;

function publicMessageOf(error: Error): string {
  return "publicMessage" in error && typeof error.publicMessage === "string"
    ? error.publicMessage
    : error.message;
}

export function answerFailure(error: unknown, requestId: string): FailureAnswer {
  if (error instanceof RequestRefused) {
    const { status, code, message, errors, retryAfter } = error;
    return {
      status,
      body: { message: withoutCommands(message), code, ...(errors && { errors }) },
      ...(retryAfter !== undefined && { retryAfter }),
    };
  }
  const meaning = meaningOf(error);
  if (meaning === undefined || !(error instanceof Error)) return internal(requestId);
  const { status, code } = meaning;
  const errors = messagesByPath(error, publicProblem);
  const message = errors === null
    ? meaning.message ?? withoutCommands(withoutPaths(publicMessageOf(error)))
    : "The importer's definition can't be used.";
  return {
    status,
    body: { message, code, ...(errors && { errors }), ...choicesOf(error) },
    ...(status === 503 && { retryAfter: RETRY_AFTER }),
  };
}

/** By what it has, as with the names of errors. */
function choicesOf(error: Error): Pick<FailureBody, "choices"> {
  if (error.name !== "SourceError" || !("choice" in error)) return {};
  const choice = error.choice as SourceChoice | undefined;
  return choice === undefined ? {} : { choices: { [choice.setting]: choice.names } };
}

function meaningOf(error: unknown): Meaning | undefined {
  if (error instanceof PostgresError && error.code === READ_ONLY) return READ_ONLY_DATABASE;
  if (!(error instanceof Error) || !Object.hasOwn(MEANINGS, error.name)) return undefined;
  return MEANINGS[error.name];
}

function internal(requestId: string): FailureAnswer {
  return {
    status: 500,
    body: {
      message: `An error in the server. Its log says more under the request id ${requestId}.`,
      code: "internal",
    },
  };
}

/** Removes the folder of the definition's file, and other paths. */
function publicProblem({ file, message }: { readonly file: string; readonly message: string }) {
  return withoutCommands(withoutPaths(message.replace(file, () => basename(file))));
}
