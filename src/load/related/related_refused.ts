/** Postgres has refused a row that belongs to a row of the table. */
import type { PostgresError } from "../../db/connection_errors.ts";
import type { RelatedPlan } from "./related_plan.ts";

export class RelatedRefused extends Error {
  override readonly name = "RelatedRefused";

  constructor(readonly plan: RelatedPlan, readonly refused: PostgresError) {
    super(refused.message, { cause: refused });
  }
}

/** The other table, or a column of it, is gone: what was compiled for it can't be used. */
export class RelatedGone extends Error {
  override readonly name = "RelatedGone";
}
