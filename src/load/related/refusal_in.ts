/** What an error says when rows are loaded together with what belongs to them. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { LoadPlan } from "../load_plan.ts";
import type { Refusal } from "../refusal/refusal.ts";
import { asRefusal } from "../refusal/refuse.ts";
import { RelatedRefused } from "./related_refused.ts";

/** As `asRefusal`, for all tables of the plan. */
export function refusalIn(plan: LoadPlan): (error: unknown) => Refusal {
  const { table, related } = plan;
  if (related === undefined) return asRefusal(table);
  return (error) => {
    if (error instanceof RelatedRefused) return refusalOf(error);
    // Deferred constraints are checked at the end, and name their table.
    if (!(error instanceof PostgresError) || error.table_name === table.name) {
      return asRefusal(table)(error);
    }
    const part = related.find((each) => each.table.name === error.table_name);
    return part === undefined
      ? asRefusal(table)(error)
      : refusalOf(new RelatedRefused(part.table, part.label, error));
  };
}

function refusalOf({ table, label, refused, places }: RelatedRefused): Refusal {
  const of = { table, label, places };
  if (!(refused instanceof PostgresError)) {
    return { code: "", message: refused.message, of: { ...of, error: refused } };
  }
  const refusal = asRefusal(table)(refused);
  const { code, message, detail, where, constraint_name, column_name, table_name, suspect } =
    refusal;
  return { code, message, detail, where, constraint_name, column_name, table_name, suspect, of };
}
