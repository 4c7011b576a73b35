/** Executes the statements of afterBatch, in the transaction of its batch. */
import { PostgresError, type Session } from "../../db/session.ts";
import { classify, isOfServer } from "../../db/sqlstate.ts";
import type { Execute } from "../../hooks/hook_process.ts";

/** A statement has failed: the transaction can't go on from there, whatever the hook makes of it. */
export class SqlFailure extends Error {
  override readonly name = "SqlFailure";
}

export interface Executed {
  readonly execute: Execute;
  /** What the first failed statement failed for. */
  readonly failure: string | null;
  /** What is not the statement's fault, such as a deadlock: the batch is tried again. */
  readonly fatal: unknown;
}

export function executeFor(session: Session): Executed {
  const state: { failure: string | null; fatal: unknown } = { failure: null, fatal: null };
  return {
    get failure() {
      return state.failure;
    },
    get fatal() {
      return state.fatal;
    },
    async execute(text, parameters) {
      if (state.fatal !== null || state.failure !== null) {
        throw new Error("An earlier statement has failed, and with it the batch");
      }
      try {
        return await session.query<Record<string, unknown>>(text, parameters);
      } catch (error) {
        if (isHooksFault(error)) state.failure = `afterBatch: ${describe(error)}`;
        else state.fatal = error;
        throw error;
      }
    },
  };
}

function isHooksFault(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  if (!(error instanceof PostgresError)) return false;
  const { kind } = classify(error);
  // It gives more or fewer parameters than the statement has.
  if (error.code === "08P01") return kind === "fatal";
  return !isOfServer(error) && (kind === "data" || kind === "fatal");
}

function describe(error: unknown): string {
  if (error instanceof PostgresError) return `${error.message} (SQLSTATE ${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
