/** Does one run in this process, until it has ended. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readHealth, type RunHealth } from "../../ledger/progress.ts";
import { findRun, NoSuchRun, type Run } from "../../ledger/runs.ts";
import { isTerminal } from "../../ledger/statuses.ts";
import type { Table } from "../../load/table.ts";
import { Bell } from "../bell.ts";
import { Monitor } from "./monitor.ts";
import { WorkerPool, type WorkersCrash } from "./pool.ts";
import { Rescue } from "./rescue.ts";

export interface DriveOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  readonly runId: number;
  readonly workers: number;
  /** Whose workers have begun to connect already; ended here, in any case. */
  readonly pool?: WorkerPool;
  /** The run's table, if it was looked at right now. */
  readonly table?: Table;
  /** A connection to look at the run with, used by nobody else; without it one is made. */
  readonly ledger?: Ledger;
  /** Milliseconds between looks at the run, at most `LOOK_INTERVAL`, which it is without it. */
  readonly lookInterval?: number;
  /** At each look that doesn't find the end; `readHealth` is for who has a use for it. */
  onLook?(run: Run, readHealth: () => Promise<RunHealth>): Promise<void> | void;
  /** One line, fit to be shown. */
  onWarning?(line: string): void;
  /** Aborted: stop at once, leaving the batches in hand to be rolled back. */
  readonly stop?: AbortSignal;
}

/** `driveRun` was told to stop at once; the run can be resumed. */
export class StoppedAtOnce extends Error {
  override readonly name = "StoppedAtOnce";
}

/** What workers here bring about is seen at once; this is for what others do, and for the dead. */
const LOOK_INTERVAL = 250;

/**
 * Plans the run, loads its batches with so many workers, takes up batches of processes that died,
 * and returns the run once it has ended, however it ended (a cancel may come from elsewhere).
 * Throws StoppedAtOnce, DatabaseUnreachable when the database stays away, NoSuchRun and
 * WorkersCrash.
 */
export async function driveRun(options: DriveOptions): Promise<Run> {
  const { config, schemaName, runId, stop, lookInterval = LOOK_INTERVAL } = options;
  const bell = new Bell();
  const monitor = new Monitor(config, schemaName, options.ledger);
  const stopped = Promise.withResolvers<null>();
  let crash: WorkersCrash | null = null;
  const { pool = new WorkerPool({ config, schemaName, workers: options.workers }) } = options;
  pool.begin({
    onlyRun: runId,
    table: options.table ?? null,
    onEvent: (event) => {
      if (event.type === "warning") options.onWarning?.(event.message);
      if (event.type === "failed") crash = event.error;
      if (event.type === "failed" || event.type === "settled") bell.ring();
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
      // There is nothing to be seen yet: the workers have just been started.
      await bell.wait(monitor.pause(lookInterval));
      if (stop?.aborted) throw new StoppedAtOnce("Stopped at once.");
      if (crash !== null) throw crash;
      const look = monitor.look(async (ledger) => {
        const run = await findRun(ledger, runId);
        // Cancelled elsewhere, and deleted before we saw it.
        if (run === null) throw new NoSuchRun(runId);
        if (isTerminal(run.status)) return run;
        await rescue.look(ledger);
        await options.onLook?.(run, () => readHealth(ledger, runId));
        return null;
      });
      const ended = await Promise.race([look, stopped.promise]);
      if (ended === null) continue;
      await pool.stop();
      return ended;
    }
  } finally {
    stop?.removeEventListener("abort", wake);
    pool.terminate();
    await monitor.close();
  }
}
