/** Serves until a signal comes, and then lets what is in progress end. */
import { setTimeout } from "node:timers/promises";
import { reasonOf } from "../db/connection_errors.ts";
import type { RunningServer } from "../http/server.ts";
import type { LogEntry } from "../observe/log_entry.ts";
import { formatDuration } from "../report/numbers.ts";
import { onStopSignals } from "./signals.ts";

/** Milliseconds until work that has lost the database begins again. */
const PAUSE = 1_000;

export interface Serving {
  /** Milliseconds that requests and batches in progress get to end. */
  readonly grace: number;
  /** Called as soon as signals are handled: whoever reads what it says may send one at once. */
  onReady(): Promise<void>;
  /** What else the process does, until it is told to stop. */
  work(signal: AbortSignal): Promise<void>;
  /** Tells the user. */
  say(line: string): void;
  log(entry: LogEntry): void;
}

export async function serveUntilStopped(
  server: RunningServer,
  { grace, onReady, work, say, log }: Serving,
): Promise<void> {
  const stop = new AbortController();
  const atOnce = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  using _signals = onStopSignals({
    first: () => {
      const time = formatDuration(grace / 1000);
      say(`Finishing what is in progress, for at most ${time}. A second signal stops at once.`);
      stop.abort();
      asked.resolve();
    },
    // Uploads in progress get a moment to remove what they have stored.
    again: () => atOnce.resolve(server.close(0)),
  });
  await onReady();
  const working = keepDoing(work, stop.signal, log);
  const ended = asked.promise.then(() => Promise.all([server.close(grace), working]));
  const end = await Promise.race([
    ended.then(() => "finished" as const),
    atOnce.promise.then(() => "at_once" as const),
  ]);
  say(end === "finished" ? "Stopped." : "Stopped at once: batches in progress were rolled back.");
}

/** While the database is away, the API keeps answering. The work begins again with it. */
async function keepDoing(
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  log: (entry: LogEntry) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work(signal);
    } catch (error) {
      log({
        level: "error",
        message: `The workers stopped, and will start again: ${reasonOf(error)}`,
      });
      await setTimeout(PAUSE, undefined, { signal }).catch(() => {/* told to stop */});
    }
  }
}
