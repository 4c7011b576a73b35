/** All tables that a plan writes to: that of its rows, and those of what belongs to them. */
import type { Table } from "../catalog/table.ts";
import type { LoadPlan } from "../load_plan.ts";

export type Written =
  | { readonly kind: "rows"; readonly table: Table; readonly plan: LoadPlan }
  /** `removes`: also links that were there before. */
  | { readonly kind: "links"; readonly table: Table; readonly removes: boolean };

/** Parents come before what belongs to them. */
export function writtenTables(plan: LoadPlan): readonly Written[] {
  const { table, related = [] } = plan;
  return [
    { kind: "rows", table, plan },
    ...related.flatMap((part): readonly Written[] =>
      part.kind === "links"
        ? [{ kind: "links", table: part.table, removes: part.replaces }]
        : writtenTables(part.plan)
    ),
  ];
}
