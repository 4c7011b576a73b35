/** A single row that Postgres refused: what that makes of it. */
import { classify } from "../db/sqlstate.ts";
import type { LoadOptions } from "./load.ts";
import type { LoadPlan } from "./plan.ts";
import { describeRefusal, type Refusal } from "./refusal.ts";
import { type LoadedRows, SKIPPED, WAITING } from "./rows.ts";

/** Not an error: a trigger dropped rows, fewer were written than sent. */
export const SUPPRESSED = "suppressed";

export type RowRefusal = Refusal | typeof SUPPRESSED;

/** Takes a caught error as a refusal, or throws it on if it isn't the data's fault. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Error && classify(error).kind === "data") {
    return error as Error & Refusal;
  }
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
