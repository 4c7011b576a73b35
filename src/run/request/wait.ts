/** Waits for a run that other processes work on. */
import type { Ledger } from "../../ledger/ledger.ts";
import { readProgress, type RunProgress } from "../../ledger/progress.ts";
import { findRun, NoSuchRun, type Run } from "../../ledger/runs.ts";
import { isTerminal } from "../../ledger/statuses.ts";
import { Bell } from "../bell.ts";

export interface WaitOptions {
  /** Null waits as long as it takes. */
  readonly timeoutMs: number | null;
  onProgress?(progress: RunProgress, run: Run): void;
}

const LOOK_INTERVAL = 250;

/** Returns the run once it has ended. Throws NoSuchRun, also if it is deleted meanwhile. */
export async function waitForRun(
  ledger: Ledger,
  runId: number,
  options: WaitOptions,
): Promise<Run | "timeout"> {
  const end = options.timeoutMs === null ? Infinity : performance.now() + options.timeoutMs;
  const bell = new Bell();
  for (;;) {
    const run = await findRun(ledger, runId);
    if (run === null) throw new NoSuchRun(runId);
    options.onProgress?.(await readProgress(ledger, runId), run);
    if (isTerminal(run.status)) return run;
    const left = end - performance.now();
    if (left <= 0) return "timeout";
    await bell.wait(Math.min(LOOK_INTERVAL, left));
  }
}
