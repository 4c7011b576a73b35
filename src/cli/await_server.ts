/** For services: waits for a database that isn't there yet, as when the machine boots. */
import { setTimeout } from "node:timers/promises";
import type { DatabaseConfig } from "../config/database_config.ts";
import { DatabaseUnreachable, SessionLost } from "../db/connection_errors.ts";
import { backoff } from "../db/sqlstate.ts";
import { isWorthWaiting } from "../db/unreachable.ts";
import { prepareServer } from "./connect.ts";
import { onStopSignals } from "./signals.ts";

export interface Patience {
  /** Milliseconds; 0: not at all. */
  readonly wait: number;
  /** Called once, with the reason, when the first attempt has failed. What it returns is awaited. */
  readonly onWaiting: (reason: DatabaseUnreachable | SessionLost) => Promise<void> | void;
}

/**
 * Brings ingest's own tables up to date as soon as the database is there. False if a signal came
 * first. Throws what `prepareServer` does, and DatabaseUnreachable when the time is up.
 */
export async function awaitServer(
  config: DatabaseConfig,
  schema: string,
  { wait, onWaiting }: Patience,
): Promise<boolean> {
  const end = performance.now() + wait;
  const stop = new AbortController();
  using _signals = onStopSignals({ first: () => stop.abort(), again: () => stop.abort() });
  for (let failures = 1;; failures++) {
    try {
      await prepareServer(config, schema, stop.signal);
      return true;
    } catch (error) {
      if (stop.signal.aborted) return false;
      const left = end - performance.now();
      if (!isAway(error) || left <= 0) throw error;
      if (failures === 1) await onWaiting(error);
      const pause = Math.min(backoff(failures), left);
      await setTimeout(pause, undefined, { signal: stop.signal }).catch(() => {/* told to stop */});
      if (stop.signal.aborted) return false;
    }
  }
}

function isAway(error: unknown): error is DatabaseUnreachable | SessionLost {
  return error instanceof SessionLost ||
    (error instanceof DatabaseUnreachable && isWorthWaiting(error));
}
