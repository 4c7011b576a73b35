/** How a run writes the rows of another table that are in its rows. */
import type { MatchedColumn } from "../catalog/lookup_table.ts";
import type { Table } from "../catalog/table.ts";

/** `Plan`: how any rows are loaded; named by its own file, so that no two import each other. */
export interface ChildrenPlanOf<Plan> {
  readonly kind: "children";
  /** What messages call the array: its key in the row. */
  readonly label: string;
  readonly table: Table;
  /** The columns that refer to the parent, with the parent's. They come first in the plan. */
  readonly links: readonly { readonly own: MatchedColumn; readonly parent: MatchedColumn }[];
  /** Loads children that are staged, in a stage of their own. */
  readonly plan: Plan;
}
