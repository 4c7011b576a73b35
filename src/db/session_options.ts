import type { WatchTimes } from "./watchdog.ts";

export interface SessionOptions {
  /** Shown in pg_stat_activity. The default is `ingest`. */
  readonly applicationName?: string;
  /**
   * Milliseconds until a server that doesn't answer counts as unreachable. The default is 10,000.
   */
  readonly connectTimeout?: number;
  /** When a silent server counts as gone. The default is `WATCH_TIMES`. */
  readonly watchTimes?: WatchTimes;
  /** Aborting it while the connection is being made gives up at once. */
  readonly signal?: AbortSignal;
  /** Called with the payload of each notification that a `listen` delivers. Must not throw. */
  readonly onNotify?: (payload: string) => void;
  /**
   * Called now and then while a statement waits for a lock, half a minute at least, with whoever
   * holds it: `psql (pid 12)`. Must not throw.
   */
  readonly onHeldUp?: (by: string) => void;
  /** Called once, when the connection is gone or was closed. Must not throw. */
  readonly onLost?: () => void;
}
