/** Decides the outcome of a single row that Postgres refused. */
import { PostgresError } from "../db/connection_errors.ts";
import { classify } from "../db/sqlstate.ts";
import type { LoadOptions } from "./load_plan.ts";
import type { LoadPlan } from "./load_plan.ts";
import { describeRefusal, isUnreadable, type Refusal } from "./refusal.ts";
import { type LoadedRows, SKIPPED, WAITING } from "./encoded_rows.ts";

/** Not an error: a trigger dropped rows, so fewer were written than sent. */
export const SUPPRESSED = "suppressed";

export type RowRefusal = Refusal | typeof SUPPRESSED;

/**
 * Internal functions of Postgres whose errors are caused by a row, whatever their SQLSTATE: a
 * policy refuses the row (with the same code as a missing privilege), or a trigger raises an error
 * with a code of its own.
 */
const REFUSING_ROUTINES = ["ExecWithCheckOptions", "exec_stmt_raise"];

/** Returns a caught error as a refusal, or rethrows it if it isn't the data's fault. */
export function asRefusal(error: unknown): Refusal {
  if (!(error instanceof PostgresError)) throw error;
  const { kind } = classify(error);
  const isRefusal = kind === "data" ||
    (kind === "fatal" && (REFUSING_ROUTINES.includes(error.routine) || isUnreadable(error)));
  if (isRefusal) return error;
  throw error;
}

export function refuseRow(
  loaded: LoadedRows,
  row: number,
  refusal: RowRefusal,
  plan: LoadPlan,
  options: LoadOptions,
): void {
  if (refusal === SUPPRESSED) {
    loaded.outcomes[row] = SKIPPED;
  } else if (options.selfReferencesMayWait && isSelfReference(refusal, plan)) {
    loaded.outcomes[row] = WAITING;
  } else {
    loaded.fail(row, describeRefusal(refusal, plan.table));
  }
}

function isSelfReference(refusal: Refusal, plan: LoadPlan): boolean {
  return plan.table.foreignKeys.some((key) => key.toItself && key.name === refusal.constraint_name);
}
