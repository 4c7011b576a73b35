/** How far a run is, whether what it has done so far is committed or not. */
import type { WholeStep } from "../ledger/runs/uncommitted.ts";
import { formatCount } from "./numbers.ts";
import type { ProgressReport, RunReport } from "./report_schema.ts";

/**
 * To be drawn: of a run that is loaded as a whole, what its transaction has done so far; or, if it
 * loads nothing, that it has tried all rows.
 */
export function soFar({ uncommitted, ...committed }: ProgressReport): ProgressReport {
  if (uncommitted === undefined) {
    const { untried, total } = committed;
    return untried === 0 && total !== null
      ? { ...committed, processed: total, percent: 100 }
      : committed;
  }
  const { processed, percent, created, updated, skipped, failed } = uncommitted;
  return {
    ...committed,
    ...{ processed, percent, created, updated, skipped, failed },
    unresolved: failed,
    waived: 0,
  };
}

/** What these counts are worth; null if they are committed. */
export function uncommittedText({ progress: { uncommitted } }: RunReport): string | null {
  return uncommitted === undefined ? null : TEXTS[uncommitted.doing];
}

const TEXTS: Readonly<Record<WholeStep, string>> = {
  "loading all rows":
    "Checked and loaded so far, not yet committed: nothing is in the table before the end.",
  "trying all rows": "Tried so far: nothing of it stays in the table.",
  "looking for all failed rows":
    "Not all rows can be loaded, so the table stays as it was: all are tried once more, to find " +
    "each one that fails.",
};

/** `12 × The price field must be a number.` The most frequent ones first. */
export function failuresSoFar({ progress: { uncommitted } }: RunReport): readonly string[] {
  return (uncommitted?.failures ?? []).map(({ rows, message }) =>
    `${formatCount(rows)} × ${message}`
  );
}
