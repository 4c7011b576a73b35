/** Does one run in this process, until it has ended. */
import type { DatabaseConfig } from "../config/database_config.ts";
import { readHealth, type RunHealth } from "../ledger/progress.ts";
import { findRun, NoSuchRun, type Run, TERMINAL_STATUSES } from "../ledger/runs.ts";
import { Bell } from "./bell.ts";
import { Monitor } from "./monitor.ts";
import { WorkerPool, type WorkersCrash } from "./pool.ts";
import { Rescue } from "./rescue.ts";

export interface DriveOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  readonly runId: number;
  readonly workers: number;
  /** At most about eight times a second, and once at the end. */
  onProgress?(health: RunHealth, run: Run): void;
  /** One line, fit to be shown. */
  onWarning?(line: string): void;
  /** Aborted: stop at once, leaving the batches in hand to be rolled back. */
  readonly stop?: AbortSignal;
}

/** `driveRun` was told to stop at once; the run can be resumed. */
export class StoppedAtOnce extends Error {
  override readonly name = "StoppedAtOnce";
}

const LOOK_INTERVAL = 125;

/**
 * Plans the run, loads its batches with so many workers, takes up batches of processes that died,
 * and returns the run once it has ended, however it ended (a cancel may come from elsewhere).
 * Throws StoppedAtOnce, DatabaseUnreachable when the database stays away, NoSuchRun and
 * WorkersCrash.
 */
export async function driveRun(options: DriveOptions): Promise<Run> {
  const { config, schemaName, runId, stop } = options;
  const bell = new Bell();
  const monitor = new Monitor(config, schemaName);
  const stopped = Promise.withResolvers<null>();
  let crash: WorkersCrash | null = null;
  const pool = new WorkerPool({
    config,
    schemaName,
    workers: options.workers,
    onlyRun: runId,
    onEvent: (event) => {
      if (event.type === "warning") options.onWarning?.(event.message);
      if (event.type === "failed") crash = event.error;
    },
  });
  const rescue = new Rescue(pool, runId);
  const wake = () => {
    bell.ring();
    stopped.resolve(null);
  };
  stop?.addEventListener("abort", wake);
  try {
    for (;;) {
      if (stop?.aborted) throw new StoppedAtOnce("Stopped at once.");
      if (crash !== null) throw crash;
      const look = monitor.look(async (ledger) => {
        const run = await findRun(ledger, runId);
        // Cancelled elsewhere, and deleted before we saw it.
        if (run === null) throw new NoSuchRun(runId);
        const ended = TERMINAL_STATUSES.includes(run.status);
        if (!ended) await rescue.look(ledger);
        options.onProgress?.(await readHealth(ledger, runId), run);
        return { run, ended };
      });
      const seen = await Promise.race([look, stopped.promise]);
      if (seen?.ended) {
        await pool.stop();
        return seen.run;
      }
      await bell.wait(monitor.pause(LOOK_INTERVAL));
    }
  } finally {
    stop?.removeEventListener("abort", wake);
    pool.terminate();
    await monitor.close();
  }
}
