/** Waits for a run that other processes work on. */
import type { Ledger } from "../../ledger/ledger.ts";
import { readProgress, type RunProgress } from "../../ledger/runs/progress.ts";
import { findRun, NoSuchRun, type Run } from "../../ledger/runs/runs.ts";
import { isAtRest } from "../../ledger/runs/statuses.ts";
import { Bell } from "../bell.ts";

export interface WaitOptions {
  /** Null waits as long as it takes. */
  readonly timeoutMs: number | null;
  onProgress?(progress: RunProgress, run: Run): void;
}

/** Looks at the database. Null: it is away, and may come back. */
export type Look = <T>(work: (ledger: Ledger) => Promise<T>) => Promise<T | null>;

const LOOK_INTERVAL = 250;

/**
 * Returns the run once it has ended. Throws NoSuchRun, also if it is deleted meanwhile, and what
 * `look` throws. A look that isn't answered doesn't hold up the time-out.
 */
export async function waitForRun(
  look: Look,
  runId: number,
  options: WaitOptions,
): Promise<Run | "timeout"> {
  const { timeoutMs, onProgress } = options;
  const end = timeoutMs === null ? Infinity : performance.now() + timeoutMs;
  const bell = new Bell();
  for (;;) {
    const looked = look(async (ledger) => {
      const run = await findRun(ledger, runId);
      if (run === null) throw new NoSuchRun(runId);
      onProgress?.(await readProgress(ledger, runId), run);
      return run;
    });
    const run = await before(end, looked);
    if (run === "timeout") return run;
    if (run !== null && isAtRest(run.status)) return run;
    const left = end - performance.now();
    if (left <= 0) return "timeout";
    await bell.wait(Math.min(LOOK_INTERVAL, left));
  }
}

/** Milliseconds that a look gets even if the time is up. */
const LAST_LOOK = 1_000;

async function before<T>(end: number, looked: Promise<T>): Promise<T | "timeout"> {
  if (end === Infinity) return await looked;
  const timeUp = Promise.withResolvers<"timeout">();
  const timer = setTimeout(
    () => timeUp.resolve("timeout"),
    Math.max(LAST_LOOK, end - performance.now()),
  );
  // If it fails later, nobody waits for it any more.
  looked.catch(() => {});
  try {
    return await Promise.race([looked, timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}
