/** Asks a run to end, or makes it end at once, and waits for it. */
import { PostgresError } from "../../db/session.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { findActiveInChain, rootOf } from "../../ledger/retries.ts";
import { requestCancel } from "../../ledger/run_states.ts";
import { requireRun, type Run } from "../../ledger/runs.ts";
import { isTerminal } from "../../ledger/statuses.ts";
import { batchSizeOf, settle } from "../../ledger/settle.ts";
import { endHoldersOfRun, endPlannerOfRun } from "../../ledger/stuck.ts";
import { Bell } from "../bell.ts";
import { Refused } from "./refused.ts";
import { waitForRun } from "./wait.ts";

/**
 * Returns the run: `cancelled` if nothing of it was in work, or if it was cancelled before. Throws
 * NoSuchRun, and Refused if it has ended in another way.
 */
export async function cancelRun(ledger: Ledger, id: number, by: string | null): Promise<Run> {
  const run = await requireRun(ledger, id);
  if (!await requestCancel(ledger, id, by)) return await cancelledOrRefused(ledger, id);
  await settleRun(ledger, run);
  return await requireRun(ledger, id);
}

async function cancelledOrRefused(ledger: Ledger, id: number): Promise<Run> {
  const run = await requireRun(ledger, id);
  // Asked twice, perhaps at the same moment: both get what they asked for.
  if (run.status === "cancelled") return run;
  if (!isTerminal(run.status)) {
    throw new Refused(`Run ${id} was cancelled, and somebody has resumed it since.`);
  }
  const active = await findActiveInChain(ledger, rootOf(run));
  const hint = active === null
    ? ""
    : ` Its failed rows are being tried again: ingest cancel ${active.id}`;
  throw new Refused(
    `Cannot cancel run ${id}: it is ${run.status.replaceAll("_", " ")} already.${hint}`,
  );
}

/** Milliseconds after which we look whether whoever had the last batch in hand has died. */
const SETTLE_INTERVAL = 100;

/** The run once it has ended, or as it is after `patienceMs`. */
export async function waitUntilCancelled(
  ledger: Ledger,
  run: Run,
  patienceMs = Infinity,
): Promise<Run> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const timeoutMs = Math.max(0, Math.min(SETTLE_INTERVAL, end - Date.now()));
    const ended = await waitForRun(ledger, run.id, { timeoutMs });
    if (ended !== "timeout") return ended;
    await settleRun(ledger, run);
    if (Date.now() > end) return await requireRun(ledger, run.id);
  }
}

export interface CancelledNow {
  readonly run: Run;
  /** Connections that this database role may not end: they finish their batch first. */
  readonly untouchable: number;
}

/** Milliseconds between looks at who still holds the run. */
const NOW_INTERVAL = 5;

/**
 * Ends the connections that have batches of the run in hand, whichever process or machine they
 * are of; Postgres undoes what they had not committed. Returns the run once it has ended, or as
 * it is after `patienceMs`. Throws as `cancelRun` does.
 */
export async function cancelNow(
  ledger: Ledger,
  id: number,
  by: string | null,
  patienceMs = Infinity,
): Promise<CancelledNow> {
  const end = Date.now() + patienceMs;
  const bell = new Bell();
  const asked = await requireRun(ledger, id);
  while (await requestUnlessLocked(ledger, id, by) === "locked") {
    // A planner that is in the middle of a step has the run's row.
    await endPlannerOfRun(ledger, id);
    if (Date.now() > end) return { run: await requireRun(ledger, id), untouchable: 0 };
    await bell.wait(NOW_INTERVAL);
  }
  for (;;) {
    const untouchable = await endHoldersOfRun(ledger, id);
    await settleRun(ledger, asked);
    const run = await requireRun(ledger, id);
    if (run.status !== "cancelling") {
      return { run: await cancelledOrRefused(ledger, id), untouchable: 0 };
    }
    if (Date.now() > end) return { run, untouchable };
    await bell.wait(NOW_INTERVAL);
  }
}

/** SQLSTATE of a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = "55P03";

async function requestUnlessLocked(
  ledger: Ledger,
  id: number,
  by: string | null,
): Promise<"done" | "locked"> {
  try {
    await ledger.transaction(async () => {
      await ledger.query("set local lock_timeout = '50ms'");
      await requestCancel(ledger, id, by);
    });
    return "done";
  } catch (error) {
    if (error instanceof PostgresError && error.code === LOCK_NOT_AVAILABLE) return "locked";
    throw error;
  }
}

/** Ends the run, or opens its next phase, if nothing of it is in work. */
export async function settleRun(ledger: Ledger, { id, definition }: Run): Promise<void> {
  await settle(ledger, id, batchSizeOf(definition));
}
