/** A corrected copy of a run's file has as many rows as the file itself. */
import type { PlanPosition } from "../../ledger/batches/plan.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { SourceError } from "../../source/error.ts";

/**
 * Throws SourceError. Each corrected row was found to be one row; a quote that it opens and doesn't close
 * may still take rows of a later batch along.
 */
export function assertSameRows({ source: { completes } }: Run, { rows }: PlanPosition): void {
  if (completes === undefined || completes.rows === rows) return;
  const count = (number: number) => number.toLocaleString("en-US");
  throw new SourceError(
    `With its rows as they were corrected, the file of run ${completes.run} has ${
      count(rows)
    } rows ` +
      `instead of ${
        count(completes.rows)
      }: one of them takes others along, or is divided. Correct ` +
      "the file, and import all of it.",
  );
}
