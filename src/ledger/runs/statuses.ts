/** The statuses of a run. The migrations' CHECK constraint has the same list; a test compares. */

/** The run has work to do. */
const OPEN_STATUSES = ["pending", "processing", "cancelling"] as const;

/** It has loaded nothing yet, and waits until somebody releases or cancels it. No process is at work. */
const HELD = "held";

/** The run has ended. Only `resume` takes it out of one of these. */
const TERMINAL_STATUSES = [
  "completed",
  "completed_with_errors",
  "failed",
  "cancelled",
] as const;

export const RUN_STATUSES = [...OPEN_STATUSES, HELD, ...TERMINAL_STATUSES] as const;

export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];
export type RunStatus = (typeof RUN_STATUSES)[number];

export function isTerminal(status: RunStatus): status is TerminalStatus {
  return TERMINAL_STATUSES.some((terminal) => terminal === status);
}

/** Nothing happens to the run until somebody asks for it. */
export function isAtRest(status: RunStatus): boolean {
  return status === HELD || isTerminal(status);
}

/** For `status in (…)`, so that Postgres can use the index `runs_open`. */
export const OPEN_STATUSES_SQL: string = OPEN_STATUSES.map((status) => `'${status}'`).join(", ");

/** The same, with runs that wait for a decision: all that have not ended. */
export const ACTIVE_STATUSES_SQL: string = `${OPEN_STATUSES_SQL}, '${HELD}'`;
