/** How many rows of a run may fail before it does: `options.max_errors`. */
import type { RunFailure } from "../runs/runs.ts";

/** With fewer rows a percentage says little. */
const MIN_ROWS_FOR_PERCENT = 1000;

export interface RunCounts {
  readonly processed: number;
  readonly failed: number;
}

export type MaxErrors = { readonly rows: number } | { readonly percent: number } | null;

/** Does the run have more failed rows than its definition allows? Counts committed rows only. */
export function tooManyErrors(
  limit: MaxErrors,
  counts: RunCounts,
): RunFailure | null {
  if (limit === null) return null;
  if ("rows" in limit) {
    if (counts.failed <= limit.rows) return null;
    return {
      code: "max_errors",
      message: `${counts.failed} ${counts.failed === 1 ? "row" : "rows"} failed, more than the ` +
        `${limit.rows} that max_errors allows.`,
    };
  }
  if (counts.processed < MIN_ROWS_FOR_PERCENT) return null;
  const percent = 100 * counts.failed / counts.processed;
  if (percent <= limit.percent) return null;
  return {
    code: "max_errors",
    message: `${counts.failed} of ${counts.processed} rows failed, more than the ` +
      `${limit.percent}% that max_errors allows.`,
  };
}
