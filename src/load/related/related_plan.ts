/** How rows that belong to those of the table are written to other tables. */
import type { LinkPlan } from "./link_plan.ts";

/** `label`: what messages call it. `parent`: the column to whose value its rows refer. */
export type RelatedPlan = LinkPlan;

/** How many rows of another table were written, and how. */
export interface RelatedCounts {
  readonly added: number;
  readonly removed: number;
}

/** By table. */
export type Related = ReadonlyMap<string, RelatedCounts>;

export function addCounts(
  all: Map<string, RelatedCounts>,
  table: string,
  { added, removed }: RelatedCounts,
): void {
  if (added === 0 && removed === 0) return;
  const before = all.get(table) ?? { added: 0, removed: 0 };
  all.set(table, { added: before.added + added, removed: before.removed + removed });
}

/** What an INSERT returns of the rows that it wrote. */
export interface Inserted {
  readonly created_at?: readonly number[];
  /** As JSON: an array of texts for each. */
  readonly created_texts?: readonly (readonly (string | null)[])[];
}
