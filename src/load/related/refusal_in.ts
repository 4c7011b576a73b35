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
    const [cause, part] = error instanceof RelatedRefused
      ? [error.refused, error.plan]
      // Deferred constraints are checked at the end, and name their table.
      : [error, related.find((each) => isOf(error, each.table.name))];
    const isOwn = part === undefined || error === cause && isOf(error, table.name);
    if (isOwn) return asRefusal(table)(cause);
    const refusal = asRefusal(part.table)(cause);
    const { code, message, detail, where, constraint_name, column_name, table_name, suspect } =
      refusal;
    return {
      ...{ code, message, detail, where, constraint_name, column_name, table_name, suspect },
      of: { table: part.table, label: part.label },
    };
  };
}

function isOf(error: unknown, table: string): boolean {
  return error instanceof PostgresError && error.table_name === table;
}
