/** Cancels a run, gracefully or at once, and waits until it has ended. */
import { PostgresError } from "../../db/session.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { findActiveInChain, rootOf } from "../../ledger/runs/retries.ts";
import { type CancelWay, recordCancelNow, requestCancel } from "../../ledger/runs/run_states.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { isTerminal } from "../../ledger/runs/statuses.ts";
import { batchSizeOf } from "../../ledger/batches/next_phase.ts";
import { endHoldersOfRun, endPlannerOfRun } from "../../ledger/batches/stuck.ts";
import { Bell } from "../bell.ts";
import { settleRun } from "../settle_run.ts";
import { Refused } from "./refuse/refused.ts";
import { waitForRun } from "./wait.ts";

const BY_COMMAND: CancelWay = { via: "command" };

/**
 * Returns the run, which is `cancelled` if none of its batches was in progress or if it had been
 * cancelled before. Throws NoSuchRun, and Refused if the run has ended in another way.
 */
export async function cancelRun(
  ledger: Ledger,
  id: number,
  by: string | null,
  way: CancelWay = BY_COMMAND,
): Promise<Run> {
  const run = await requireRun(ledger, id);
  if (!await requestCancel(ledger, id, by, way)) return await cancelledOrRefused(ledger, id);
  await settleIdle(ledger, run);
  return await requireRun(ledger, id);
}

async function cancelledOrRefused(ledger: Ledger, id: number): Promise<Run> {
  const run = await requireRun(ledger, id);
  // Cancelled by two callers, perhaps at the same moment: both succeed.
  if (run.status === "cancelled") return run;
  if (!isTerminal(run.status)) {
    throw new Refused(`Run ${id} was cancelled, but somebody has resumed it since.`);
  }
  const active = await findActiveInChain(ledger, rootOf(run));
  const hint = active === null
    ? ""
    : ` Run ${active.id} is retrying its failed rows. Cancel that run: ingest cancel ${active.id}`;
  throw new Refused(
    `Cannot cancel run ${id}: it is already ${run.status.replaceAll("_", " ")}.${hint}`,
  );
}

/** Milliseconds between checks whether the process with the last batch has died. */
const SETTLE_INTERVAL = 100;

/** Returns the run once it has ended, or as it is after `patienceMs`. */
export async function waitUntilCancelled(
  ledger: Ledger,
  run: Run,
  patienceMs = Infinity,
): Promise<Run> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const timeoutMs = Math.max(0, Math.min(SETTLE_INTERVAL, end - performance.now()));
    const ended = await waitForRun((look) => look(ledger), run.id, { timeoutMs });
    if (ended !== "timeout") return ended;
    await settleIdle(ledger, run);
    if (performance.now() > end) return await requireRun(ledger, run.id);
  }
}

export interface CancelledNow {
  readonly run: Run;
  /** How many connections this database role may not end; they finish their batch first. */
  readonly untouchable: number;
}

/** Milliseconds between checks for connections that still hold batches of the run. */
const NOW_INTERVAL = 5;

/**
 * Ends the connections that hold batches of the run, on whichever machine their processes are;
 * Postgres rolls back what they had not committed. Returns the run once it has ended, or as it is
 * after `patienceMs`. Throws as `cancelRun` does.
 */
export async function cancelNow(
  ledger: Ledger,
  id: number,
  by: string | null,
  patienceMs = Infinity,
  way: CancelWay = BY_COMMAND,
): Promise<CancelledNow> {
  const end = performance.now() + patienceMs;
  const bell = new Bell();
  const asked = await requireRun(ledger, id);
  const now: CancelWay = { ...way, now: true };
  if (asked.status === "cancelling") await recordCancelNow(ledger, id, by, now);
  while (await requestUnlessLocked(ledger, id, by, now) === "locked") {
    // A planner in the middle of a step has locked the run's row.
    await endPlannerOfRun(ledger, id);
    if (performance.now() > end) return { run: await requireRun(ledger, id), untouchable: 0 };
    await bell.wait(NOW_INTERVAL);
  }
  for (;;) {
    const untouchable = await endHoldersOfRun(ledger, id);
    await settleIdle(ledger, asked);
    const run = await requireRun(ledger, id);
    if (run.status !== "cancelling") {
      return { run: await cancelledOrRefused(ledger, id), untouchable: 0 };
    }
    if (performance.now() > end) return { run, untouchable };
    await bell.wait(NOW_INTERVAL);
  }
}

/** SQLSTATE of a lock that could not be taken in time. */
const LOCK_NOT_AVAILABLE = "55P03";

async function requestUnlessLocked(
  ledger: Ledger,
  id: number,
  by: string | null,
  way: CancelWay,
): Promise<"done" | "locked"> {
  try {
    await ledger.transaction(async () => {
      await ledger.query("set local lock_timeout = '50ms'");
      await requestCancel(ledger, id, by, way);
    });
    return "done";
  } catch (error) {
    if (error instanceof PostgresError && error.code === LOCK_NOT_AVAILABLE) return "locked";
    throw error;
  }
}

/** Ends the run, or opens its next phase, if none of its batches is in progress. */
export async function settleIdle(ledger: Ledger, { id, definition }: Run): Promise<void> {
  await settleRun(ledger, id, batchSizeOf(definition));
}
