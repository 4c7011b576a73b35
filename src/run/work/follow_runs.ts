/** Tells what happens to the runs of the database, for the log of a server. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { latestEventId, listEvents, type RunEvent } from "../../ledger/runs/run_events.ts";
import type { LogEntry } from "../../observe/log_entry.ts";
import { Bell } from "../bell.ts";
import { withinTime } from "./within_time.ts";
import { Monitor } from "./monitor.ts";

/** Milliseconds between looks. */
const INTERVAL = 500;
/**
 * Numbers are given before they are committed, so a smaller one may come later: so many are looked
 * at again.
 */
const WINDOW = 200;
const PAGE = 1_000;

export class RunFollower {
  readonly #log: (entry: LogEntry) => void;
  readonly #interval: number;
  #last: number | null = null;
  /** Of the window. */
  #seen = new Set<number>();
  #lookedAt = -Infinity;

  /** `interval`: milliseconds between looks; a call that comes earlier does nothing. */
  constructor(log: (entry: LogEntry) => void, interval = INTERVAL) {
    this.#log = log;
    this.#interval = interval;
  }

  /**
   * Logs what has happened since the last look; the first look only remembers where to begin.
   * `last`: whatever the interval.
   */
  async look(ledger: Ledger, last = false): Promise<void> {
    if (!last && performance.now() - this.#lookedAt < this.#interval) return;
    this.#lookedAt = performance.now();
    const latest = await latestEventId(ledger);
    // After a restore, numbers begin again.
    if (this.#last === null || latest < this.#last - WINDOW) {
      this.#last = latest;
      this.#seen = new Set(Array.from({ length: WINDOW + 1 }, (_, i) => latest - i));
      return;
    }
    let after = this.#last - WINDOW;
    for (;;) {
      const events = await listEvents(ledger, after, PAGE);
      for (const event of events) {
        if (this.#seen.has(event.id)) continue;
        this.#seen.add(event.id);
        this.#log(toEntry(event));
      }
      if (events.length < PAGE) break;
      after = events[events.length - 1].id;
    }
    this.#last = Math.max(this.#last, latest);
    for (const id of this.#seen) if (id < this.#last - WINDOW) this.#seen.delete(id);
  }
}

const LEVELS: Readonly<Record<string, LogEntry["level"]>> = {
  failed: "error",
  "batch given up": "error",
  "batch rescued": "warning",
  left: "warning",
};

function toEntry({ type, actor, details, run }: RunEvent): LogEntry {
  const isEnd = type === "completed" || type === "failed" || type === "cancelled";
  return {
    level: Object.hasOwn(LEVELS, type) ? LEVELS[type] : "info",
    message: type.startsWith("batch")
      ? type
      : type === "left"
      ? "run left to others"
      : `run ${type}`,
    run_id: run.id,
    importer: run.importer,
    ...(actor !== null && { by: actor }),
    ...(run.dry_run && { dry_run: true }),
    ...(type === "created" && { file: run.original_filename }),
    ...(type === "completed" && { status: run.status }),
    ...(isEnd ? run.summary : type === "failed" ? {} : details),
    ...(type === "failed" && { error: details ?? run.error }),
  };
}

/** Milliseconds for the last look. It takes some, unless the machine is busy or the database is away. */
export const LAST_WORDS = 5_000;

/** For a server without workers: logs until told to stop. */
export async function followRuns(
  config: DatabaseConfig,
  schemaName: string,
  signal: AbortSignal,
  follower: RunFollower,
  log: (entry: LogEntry) => void,
): Promise<void> {
  const bell = new Bell();
  const stop = () => bell.ring();
  signal.addEventListener("abort", stop);
  const monitor = new Monitor(
    config,
    schemaName,
    undefined,
    undefined,
    (message) => log({ level: "warning", message }),
  );
  try {
    while (!signal.aborted) {
      await monitor.look((ledger) => follower.look(ledger));
      await bell.wait(monitor.pause(INTERVAL));
    }
    await withinTime(monitor.look((ledger) => follower.look(ledger, true)), LAST_WORDS);
  } finally {
    signal.removeEventListener("abort", stop);
    await monitor.close();
  }
}
