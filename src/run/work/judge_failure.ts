/** What an error during the work on a run means: decisions only. */
import { adviceOn } from "../../db/advice.ts";
import { DatabaseUnreachable, PostgresError, SessionLost } from "../../db/connection_errors.ts";
import { classify } from "../../db/sqlstate.ts";
import { TableLocked } from "../../db/table_locked.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import type { RunFailure } from "../../ledger/runs.ts";
import { TargetError } from "../../load/introspect.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../row/compile.ts";
import { SourceError } from "../../source/error.ts";
import { RowsTaken } from "../supply/rows_taken.ts";

export type WorkFailure =
  /** The connection is gone: open a new one and continue. */
  | { readonly kind: "lost" }
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
  if (error instanceof SessionLost || error instanceof DatabaseUnreachable) return { kind: "lost" };
  if (error instanceof TableLocked) {
    return { kind: "transient", failure: { code: "table_locked", message: error.message } };
  }
  if (error instanceof SourceError) return fatal("source", error.message);
  if (error instanceof HeaderMismatch) return fatal("header", error.message);
  if (error instanceof DefinitionError || error instanceof DefinitionMismatch) {
    return fatal("definition", error.message);
  }
  if (error instanceof TargetError) return fatal("target", error.message);
  if (error instanceof RowsTaken) return fatal("rows_taken", error.message);
  if (error instanceof PostgresError) {
    const reason = `${error.message} (SQLSTATE ${error.code}).${adviceOn(error)}`;
    switch (classify(error).kind) {
      case "lost":
        return { kind: "lost" };
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

function fatal(code: string, message: string): WorkFailure {
  return { kind: "fatal", failure: { code, message } };
}
