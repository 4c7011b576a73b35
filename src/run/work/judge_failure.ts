/** What an error during the work on a run means: decisions only. */
import { adviceOn } from "../../db/advice.ts";
import { DatabaseUnreachable, PostgresError, SessionLost } from "../../db/connection_errors.ts";
import { classify, READ_ONLY } from "../../db/sqlstate.ts";
import { TableLocked } from "../../db/table_locked.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import { TABLE_CHANGED } from "../../ledger/runs/run_tables.ts";
import type { RunFailure } from "../../ledger/runs/runs.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../row/compile.ts";
import { SourceError } from "../../source/error.ts";
import type { Trouble } from "./shortage.ts";
import { RowsTaken } from "../supply/rows_taken.ts";
import { HooksFailed } from "../hooks/hooks_failed.ts";
import { TableChanged } from "../table_changed.ts";

export type WorkFailure =
  /**
   * The connection is gone: open a new one and continue. `ended`: why, if the server itself has ended
   * it, in one line. Then it is not the rows' doing.
   */
  | { readonly kind: "lost"; readonly ended: string | null }
  /** A deadlock or the like: try the same batch again after a pause. */
  | { readonly kind: "transient"; readonly failure: RunFailure }
  /** Trying again would fail in the same way: the run fails. */
  | { readonly kind: "fatal"; readonly failure: RunFailure };

/** Why a thread ended, for whoever runs it: one line if it isn't our own mistake. */
export function describeCrash(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof PostgresError)) return error.stack ?? error.message;
  return `Postgres error: ${error.message} (SQLSTATE ${error.code}).${adviceOn(error)}`;
}

export function judgeFailure(error: unknown): WorkFailure {
  if (error instanceof SessionLost || error instanceof DatabaseUnreachable) {
    return { kind: "lost", ended: describeEnd(error.cause) };
  }
  if (error instanceof TableLocked) {
    return { kind: "transient", failure: { code: "table_locked", message: error.message } };
  }
  if (error instanceof SourceError) return fatal("source", error.message);
  if (error instanceof HeaderMismatch) return fatal("header", error.message);
  if (error instanceof DefinitionError || error instanceof DefinitionMismatch) {
    return fatal("definition", error.message);
  }
  if (error instanceof TargetError) return fatal("target", error.message);
  if (error instanceof TableChanged) return fatal(TABLE_CHANGED, error.message);
  if (error instanceof HooksFailed) return fatal("hooks", error.message);
  if (error instanceof RowsTaken) return fatal("rows_taken", error.message);
  if (error instanceof PostgresError) {
    const reason = `${error.message} (SQLSTATE ${error.code}).${adviceOn(error)}`;
    switch (classify(error).kind) {
      case "lost":
        return { kind: "lost", ended: describeEnd(error) };
      case "transient":
        return {
          kind: "transient",
          failure: { code: "database", message: `Postgres aborted a batch: ${reason}` },
        };
      default:
        return fatal("database", `Postgres refused to continue: ${reason}`);
    }
  }
  const message = error instanceof Error ? error.message : String(error);
  return fatal("internal", `An error in ingest itself: ${message}`);
}

const TOO_MANY_CONNECTIONS = "53300";

/** Why the database can't be used, if the error says so. */
export function troubleOf(error: unknown): Trouble | null {
  if (error instanceof DatabaseUnreachable) {
    const { message, temporary, cause } = error;
    const isFull = cause instanceof PostgresError && cause.code === TOO_MANY_CONNECTIONS;
    if (isFull) {
      return { message, isFull, warning: `${message} Until then there are fewer workers.` };
    }
    // If it is away, whoever looks at the run says so.
    return { message, isFull, warning: temporary ? null : `${message} Trying again.` };
  }
  const judged = judgeFailure(error);
  if (judged.kind !== "lost" || judged.ended === null) return null;
  return { message: judged.ended, isFull: false, warning: `${judged.ended} Trying again.` };
}

/**
 * SQLSTATEs with which the server takes leave of a session that somebody, or a limit on time, has
 * ended. Not 57P02, a crash, and not 25P03, a long silence: they may be the rows' doing.
 */
const ENDED: ReadonlySet<string> = new Set(["57P01", "57P05", "25P04", READ_ONLY]);

function describeEnd(cause: unknown): string | null {
  if (!(cause instanceof Error) || !("code" in cause) || typeof cause.code !== "string") {
    return null;
  }
  if (!ENDED.has(cause.code)) return null;
  const reason = `${cause.message} (SQLSTATE ${cause.code}).`;
  return cause.code === READ_ONLY
    ? `The database accepts no writes: ${reason}`
    : `Postgres ended a worker's connection: ${reason}`;
}

function fatal(code: string, message: string): WorkFailure {
  return { kind: "fatal", failure: { code, message } };
}
