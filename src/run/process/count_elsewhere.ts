/** What a batch wrote by table: for its rows into other tables, and of rows that go into several. */
import { CREATED, SKIPPED, TAKEN, UPDATED } from "../../load/encoded_rows.ts";
import { addCounts, type Related, type RelatedCounts } from "../../load/related/related_plan.ts";
import type { RunProgram } from "../program.ts";
import { countOutcomes } from "./count_outcomes.ts";
import type { Outcome } from "./tally.ts";

export function countElsewhere({ routes }: RunProgram, outcomes: readonly Outcome[]): Related {
  // Usually, there is one outcome, whose own rows are counted anyway.
  if (routes === null && outcomes.length === 1) return outcomes[0].loaded.related;
  const all = new Map<string, RelatedCounts>();
  for (const { program, encoded, loaded } of outcomes) {
    for (const [table, counts] of loaded.related) addCounts(all, table, counts);
    if (routes === null || program.routes !== null) continue;
    const rows = countOutcomes(loaded.outcomes);
    addCounts(all, program.loadPlan.table.name, {
      created: rows[CREATED],
      updated: rows[UPDATED],
      skipped: rows[SKIPPED] + rows[TAKEN],
      failed: encoded.bad.size + loaded.errors.size,
    });
  }
  return all;
}
