/** Works on all runs of the database, until told to stop: `ingest work`. */
import type { DatabaseUnreachable } from "../../db/connection_errors.ts";
import type { DatabaseConfig } from "../../config/database_config.ts";
import { Listener } from "../../db/listener.ts";
import { workChannel } from "../../ledger/notify.ts";
import type { LogEntry } from "../../observe/log_entry.ts";
import type { KeepRule } from "../../importer/definition.ts";
import { Bell } from "../bell.ts";
import { CleanUp } from "../clean_up.ts";
import { LAST_WORDS, type RunFollower } from "./follow_runs.ts";
import { Monitor } from "./monitor.ts";
import type { WorkersCrash } from "./crashes.ts";
import { WorkerPool } from "./pool.ts";
import { Rescue } from "./rescue.ts";
import { withinTime } from "./within_time.ts";

export interface WorkOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  readonly workers: number;
  /** If aborted, finishes the batches in progress, for at most `graceMs`, then returns. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
  /** Gets one line that can be shown to the user. */
  onEvent?(line: string): void;
  /** Gets what happens to connections, for the log of a server. */
  log?(entry: LogEntry): void;
  /** Looks at the runs now and then. */
  readonly follower?: RunFollower;
  /** How long runs of importers that don't say it are kept. Null: this process removes nothing. */
  readonly retention?: KeepRule | null;
}

const LOOK_INTERVAL = 250;

/** Throws DatabaseUnreachable when the database stays away, and WorkersCrash. */
export async function work(options: WorkOptions): Promise<void> {
  const { config, schemaName, signal } = options;
  const bell = new Bell();
  const monitor = new Monitor(config, schemaName, undefined, undefined, (message) => {
    options.log?.({ level: "warning", message });
  });
  const stopped = Promise.withResolvers<void>();
  let crash: WorkersCrash | DatabaseUnreachable | null = null;
  const pool = new WorkerPool({
    config,
    schemaName,
    workers: options.workers,
    ofAllRuns: true,
  });
  pool.begin({
    onlyRun: null,
    table: null,
    onEvent: (event) => {
      if (event.type === "warning") options.onEvent?.(event.message);
      if (event.type === "failed") crash = event.error;
      if (event.type === "lost") {
        const message = `The connection of ${event.worker} was lost: ${event.message}`;
        options.log?.({ level: "warning", message, run_id: event.runId });
      }
      // Looking twice a second does as well, and a worker needs the connection more.
      if (event.type === "full") void listener.close();
      if (event.type === "back") {
        options.log?.({ level: "info", message: `The connection of ${event.worker} is back.` });
      }
    },
  });
  const rescue = new Rescue({
    config,
    schemaName,
    pool,
    onlyRun: null,
    onSettled: () => pool.wake(),
  });
  const { retention = {} } = options;
  const cleanUp = retention === null ? null : new CleanUp({
    keep: retention,
    log: (message) => options.log?.({ level: "info", message }),
    warn: (message) => options.log?.({ level: "warning", message }),
  });
  const wake = () => {
    bell.ring();
    stopped.resolve();
  };
  // A process that creates a run sends a notification, so that work starts at once. Without it,
  // work starts at the next look.
  const lookNow = () => {
    pool.wake();
    bell.ring();
  };
  const listener = new Listener({
    config,
    channel: workChannel(schemaName),
    applicationName: "ingest listener",
    onNotify: lookNow,
    onListening: lookNow,
    onTrouble: (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      options.onEvent?.(`Can't listen for new runs, so looking twice a second: ${reason}`);
    },
  });
  signal.addEventListener("abort", wake);
  let look: Promise<unknown> = Promise.resolve();
  try {
    while (!signal.aborted) {
      if (crash !== null) throw crash;
      look = monitor.look(async (ledger) => {
        await rescue.look(ledger);
        await options.follower?.look(ledger);
        await cleanUp?.look(ledger);
      });
      await Promise.race([look, stopped.promise]);
      await bell.wait(monitor.pause(LOOK_INTERVAL));
    }
    await withinTime(Promise.all([pool.stop(), rescue.stop()]), options.graceMs);
    const { follower } = options;
    // One in progress has missed what happened to the runs since.
    if (follower !== undefined) await withinTime(look.catch(() => {}), LAST_WORDS);
    if (follower !== undefined && !monitor.isLooking) {
      await withinTime(monitor.look((ledger) => follower.look(ledger, true)), LAST_WORDS);
    }
  } finally {
    signal.removeEventListener("abort", wake);
    pool.terminate();
    await Promise.all([rescue.close(), listener.close(), monitor.close()]);
  }
}
