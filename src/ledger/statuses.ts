/** The statuses of a run. The migrations' CHECK constraint has the same list; a test compares. */

/** The run has work to do. */
const OPEN_STATUSES = ["pending", "processing", "cancelling"] as const;

/** The run has ended. Only `resume` takes it out of one of these. */
const TERMINAL_STATUSES = [
  "completed",
  "completed_with_errors",
  "failed",
  "cancelled",
] as const;

export const RUN_STATUSES = [...OPEN_STATUSES, ...TERMINAL_STATUSES] as const;

export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];
export type RunStatus = (typeof RUN_STATUSES)[number];

export function isTerminal(status: RunStatus): status is TerminalStatus {
  return TERMINAL_STATUSES.some((terminal) => terminal === status);
}

/** For `status in (…)`, so that Postgres can use the index `runs_open`. */
export const OPEN_STATUSES_SQL: string = OPEN_STATUSES.map((status) => `'${status}'`).join(", ");
