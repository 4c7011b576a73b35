/** Somebody has locked a table for longer than we wait. */
import { PostgresError } from "./connection_errors.ts";

/** The message is one line that says what to do. */
export class TableLocked extends Error {
  override readonly name = "TableLocked";

  /** `what`: `The table orders` */
  constructor(what: string, options?: { readonly cause: unknown }) {
    super(
      `${what} is locked by another session, such as an ALTER TABLE that is not committed yet. ` +
        "Try again when that is done.",
      options,
    );
  }
}

/** How long to wait for a lock on the whole table, in milliseconds. */
export const TABLE_PATIENCE = 2_000;

/** Is this the error of a wait that reached `lock_timeout`? */
export function isLockTimeout(error: unknown): error is PostgresError {
  return error instanceof PostgresError && error.code === "55P03";
}
