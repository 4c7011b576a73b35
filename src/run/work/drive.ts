/** Works on one run in this process until it has ended. */
import type { DatabaseUnreachable } from "../../db/connection_errors.ts";
import type { DatabaseConfig } from "../../config/database_config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readHealth, type RunHealth } from "../../ledger/runs/progress.ts";
import { findRun, NoSuchRun, type Run } from "../../ledger/runs/runs.ts";
import { isAtRest } from "../../ledger/runs/statuses.ts";
import type { Table } from "../../load/catalog/table.ts";
import { Bell } from "../bell.ts";
import { Monitor } from "./monitor.ts";
import type { WorkersCrash } from "./crashes.ts";
import { WorkerPool } from "./pool.ts";
import { Rescue } from "./rescue.ts";
import type { Turns } from "./turns.ts";
import { withinTime } from "./within_time.ts";

export interface DriveOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  readonly runId: number;
  readonly workers: number;
  /** A pool whose workers are already connecting. It is always ended here. */
  readonly pool?: WorkerPool;
  /** The run's table, if the caller has just read it from the catalog. */
  readonly table?: Table;
  /** A connection for looking at the run. If left out, one is opened. */
  readonly ledger?: Ledger;
  /** If the pool's workers use it, too: its turns. */
  readonly turns?: Turns;
  /** Milliseconds between looks at the run: at most `LOOK_INTERVAL`, which is the default. */
  readonly lookInterval?: number;
  /** Called at each look before the run has ended. Call `readHealth` only if it is needed. */
  onLook?(run: Run, readHealth: () => Promise<RunHealth>): Promise<void> | void;
  /** Milliseconds that a look may take. */
  readonly lookTimeout?: number;
  /** When `asked` is aborted, `request` is called once, over the connection for the looks. */
  readonly cancel?: {
    readonly asked: AbortSignal;
    request(ledger: Ledger): Promise<void>;
  };
  /** Gets one line that can be shown to the user. */
  onWarning?(line: string): void;
  /** If aborted, stops at once; Postgres rolls back the batches in progress. */
  readonly stop?: AbortSignal;
}

/** `driveRun` was told to stop at once; the run can be resumed. */
export class StoppedAtOnce extends Error {
  override readonly name = "StoppedAtOnce";
}

/** This process's workers report at once; looks find what other processes did, or that they died. */
const LOOK_INTERVAL = 250;

/** Milliseconds that the workers get to end when their run has ended. */
const STOP_PATIENCE = 5_000;

/**
 * Plans the run, loads its batches with the given number of workers, rescues batches of processes
 * that died, and returns the run once it has ended in any way: another process may cancel it.
 * Throws StoppedAtOnce, DatabaseUnreachable when the database stays away, NoSuchRun and
 * WorkersCrash.
 */
export async function driveRun(options: DriveOptions): Promise<Run> {
  const { config, schemaName, runId, stop, lookInterval = LOOK_INTERVAL } = options;
  const bell = new Bell();
  const monitor = new Monitor(
    config,
    schemaName,
    options.ledger,
    options.lookTimeout,
    undefined,
    options.turns,
  );
  const stopped = Promise.withResolvers<null>();
  let createdAt: number | null = null;
  let crash: WorkersCrash | DatabaseUnreachable | null = null;
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
  const rescue = new Rescue({
    config,
    schemaName,
    pool,
    onlyRun: runId,
    onSettled: () => bell.ring(),
  });
  const wake = () => {
    bell.ring();
    stopped.resolve(null);
  };
  stop?.addEventListener("abort", wake);
  const { cancel } = options;
  let isCancelled = false;
  const ring = () => bell.ring();
  cancel?.asked.addEventListener("abort", ring);
  try {
    for (;;) {
      // Wait first: there is nothing to see yet, as the workers have only just started.
      await bell.wait(monitor.pause(lookInterval));
      if (stop?.aborted) throw new StoppedAtOnce("Stopped at once.");
      if (crash !== null) throw crash;
      const look = monitor.look(async (ledger) => {
        const run = await findRun(ledger, runId);
        // Another process cancelled and deleted the run before this look.
        if (run === null) throw new NoSuchRun(runId);
        // Or the database was restored, and another run has its number.
        createdAt ??= run.created_at.getTime();
        if (run.created_at.getTime() !== createdAt) throw new NoSuchRun(runId);
        if (isAtRest(run.status)) return run;
        if (cancel?.asked.aborted && !isCancelled) {
          await cancel.request(ledger);
          isCancelled = true;
        }
        await rescue.look(ledger);
        await options.onLook?.(run, () => readHealth(ledger, runId));
        return null;
      });
      const ended = await Promise.race([look, stopped.promise]);
      if (ended === null) continue;
      // A worker may hang on a connection that a firewall has forgotten.
      await withinTime(Promise.all([pool.stop(), rescue.stop()]), STOP_PATIENCE);
      return ended;
    }
  } finally {
    stop?.removeEventListener("abort", wake);
    cancel?.asked.removeEventListener("abort", ring);
    pool.terminate();
    await Promise.all([rescue.close(), monitor.close()]);
  }
}
