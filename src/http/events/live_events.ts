/**
 * Watches runs for all clients of this server's event streams. There is one look at the database for
 * all of them, four times a second, and none while nobody watches. A notification that there is work
 * makes it look at once; nothing depends on it.
 */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { Listener } from "../../db/listener.ts";
import { reasonOf } from "../../db/connection_errors.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { workChannel } from "../../ledger/notify.ts";
import { NoSuchRun } from "../../ledger/runs/runs.ts";
import { readWatched, type WatchedRun } from "../../ledger/watched/watched_runs.ts";
import type { LogEntry } from "../../observe/log_entry.ts";
import { runReport } from "../../report/run_report.ts";
import { Bell } from "../../run/bell.ts";
import { Monitor } from "../../run/work/monitor.ts";
import type { Principal } from "../identity/principal.ts";
import { publicRun } from "../answers/public_words.ts";
import { Access } from "./access.ts";
import { EventStream } from "./event_stream.ts";
import type { ListFilter } from "./list_watch.ts";
import { ListWatches } from "./list_watches.ts";
import { PROGRESS_INTERVAL, RunWatch } from "./run_watch.ts";
import { sseEvent } from "./sse.ts";
import { seenBy, type View, viewOf } from "./view.ts";

export interface LiveEventsOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  log(entry: LogEntry): void;
}

/** Clients at the same time. Each takes some kilobytes. */
const MOST_STREAMS = 2_000;
/** Milliseconds between looks; progress is told this often at most. */
const INTERVAL = PROGRESS_INTERVAL;
/** The same while no run is open: then a notification comes with the next one. */
const QUIET = 1_000;
/** Milliseconds between looks at the least, however many clients come. */
const AT_ONCE = 20;
/** After a look that took long, how many times as long nobody looks, and at most: milliseconds. */
const SHARE = 4;
const LONGEST_REST = 2_000;
/** Milliseconds that the connections are kept when the last client has gone. */
const LINGER = 5_000;
/** Milliseconds after which a look that isn't answered means that the database is away. */
const LATE = 5_000;
/** Milliseconds between looks at the streams themselves. */
const TENDING = 1_000;

/** The message is fit for clients. */
export class TooManyStreams extends Error {
  override readonly name = "TooManyStreams";

  constructor() {
    super(
      `${MOST_STREAMS} clients are watching runs, as many as this server takes. Try again later.`,
    );
  }
}

export class LiveEvents {
  readonly #options: LiveEventsOptions;
  readonly #runs = new Map<number, RunWatch>();
  readonly #lists = new ListWatches();
  readonly #streams = new Set<EventStream>();
  readonly #access = new Access();
  readonly #bell = new Bell();
  #watching: Promise<void> | null = null;
  #monitor: Monitor | null = null;
  #closed = false;
  #isAway = false;
  /** Since when a look waits for its answer. */
  #lookingSince: number | null = null;

  constructor(options: LiveEventsOptions) {
    this.#options = options;
  }

  /** The events of a run that exists. `seen`: the last change of status that the client knows of. */
  watchRun(id: number, principal: Principal, seen: number | null): EventStream {
    const stream = this.#open(principal);
    const watch = this.#runs.get(id) ?? new RunWatch(id);
    this.#runs.set(id, watch);
    const client = watch.join(stream, viewOf(principal), seen);
    void stream.ended.then(() => {
      watch.clients.delete(client);
      if (watch.clients.size === 0 && this.#runs.get(id) === watch) this.#runs.delete(id);
    });
    this.#bell.ring();
    return stream;
  }

  /** New runs, and changes of runs. */
  watchList(filter: ListFilter, principal: Principal): EventStream {
    const stream = this.#open(principal);
    this.#lists.join(stream, viewOf(principal), filter);
    this.#bell.ring();
    return stream;
  }

  /** Ends all streams: clients come back, to this server or another one. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stream of this.#streams) stream.close("closing");
    this.#bell.ring();
    if (this.#lookingSince !== null) await this.#monitor?.close();
    await this.#watching;
  }

  #open(principal: Principal): EventStream {
    if (this.#streams.size >= MOST_STREAMS) throw new TooManyStreams();
    const stream = new EventStream();
    if (this.#closed) stream.close("closing");
    this.#streams.add(stream);
    this.#access.add(stream, principal);
    void stream.ended.then(() => {
      this.#streams.delete(stream);
      this.#access.remove(stream);
    });
    if (this.#isAway) stream.send(UNAVAILABLE);
    this.#keepWatching();
    return stream;
  }

  #keepWatching(): void {
    this.#watching ??= this.#watch().catch((error) => this.#complain(error)).finally(() => {
      this.#watching = null;
      // Somebody has come while the connections were being closed.
      if (this.#streams.size > 0 && !this.#closed) this.#keepWatching();
    });
  }

  /** Until nobody watches any more. */
  async #watch(): Promise<void> {
    const { config, schemaName, log } = this.#options;
    const warn = (message: string) => log({ level: "warning", message });
    const monitor = new Monitor(config, schemaName, undefined, undefined, warn);
    this.#monitor = monitor;
    const listener = new Listener({
      ...{ config, channel: workChannel(schemaName), applicationName: "ingest events" },
      onNotify: () => this.#bell.ring(),
      onTrouble: (error) =>
        warn(`Can't listen for changes, so looking for them: ${reasonOf(error)}`),
    });
    const tending = setInterval(() => this.#tend(), TENDING);
    try {
      let idleSince = performance.now();
      while (!this.#closed && performance.now() - idleSince < LINGER) {
        const began = performance.now();
        await this.#look(monitor);
        const took = performance.now() - began;
        if (this.#streams.size > 0) idleSince = performance.now();
        const isQuiet = this.#runs.size === 0 && this.#lists.isQuiet;
        const rest = Math.min(SHARE * took, LONGEST_REST);
        const pause = Math.max(isQuiet ? QUIET : INTERVAL, rest, monitor.pause(0));
        await pausing(AT_ONCE);
        await this.#bell.wait(pause - AT_ONCE);
      }
    } finally {
      clearInterval(tending);
      await Promise.all([listener.close(), monitor.close()]);
    }
  }

  async #look(monitor: Monitor): Promise<void> {
    if (this.#streams.size === 0) return;
    this.#lookingSince = performance.now();
    try {
      const work = async (ledger: Ledger) => {
        await this.#access.check(ledger, performance.now());
        await this.#lookAtRuns(ledger);
        await this.#lists.look(ledger, performance.now());
        return true;
      };
      let looked = await monitor.look(work);
      if (looked === null) {
        this.#lists.beginAnew();
        // A connection that was lost says nothing about the next one.
        looked = await monitor.look(work);
      }
      this.#setAway(looked === null);
    } catch (error) {
      // The monitor gives up after a while. Here it goes on: clients wait.
      if (!this.#isAway) this.#complain(error);
      this.#lists.beginAnew();
      this.#setAway(true);
    } finally {
      this.#lookingSince = null;
    }
  }

  async #lookAtRuns(ledger: Ledger): Promise<void> {
    const watches = [...this.#runs.values()];
    if (watches.length === 0) return;
    const found = await readWatched(ledger, watches.map(({ id, after }) => [id, after]));
    this.#setAway(false);
    const byId = new Map(found.map((run) => [run.run_id, run]));
    const now = performance.now();
    for (const watch of watches) await this.#tell(ledger, watch, byId.get(watch.id), now);
  }

  async #tell(ledger: Ledger, watch: RunWatch, found: WatchedRun | undefined, now: number) {
    const read = async (view: View) => {
      const report = await runReport(ledger, watch.id, { rows: 0 }, publicRun);
      return await seenBy(view, ledger, report);
    };
    try {
      await watch.tell(found, read, now);
    } catch (error) {
      if (error instanceof NoSuchRun) return await watch.tell(undefined, read, now);
      if (ledger.session.lost) throw error;
      // Others go on.
      this.#complain(error, watch.id);
      watch.drop();
    }
  }

  #complain(error: unknown, run?: number): void {
    this.#options.log({
      level: "error",
      message: `Cannot watch runs at the moment: ${reasonOf(error)}`,
      ...(run !== undefined && { run_id: run }),
    });
  }

  #tend(): void {
    const now = performance.now();
    if (this.#lookingSince !== null && now - this.#lookingSince > LATE) this.#setAway(true);
    for (const stream of this.#streams) stream.tend(now);
  }

  #setAway(isAway: boolean): void {
    if (this.#isAway === isAway) return;
    this.#isAway = isAway;
    for (const stream of this.#streams) stream.send(isAway ? UNAVAILABLE : AVAILABLE);
  }
}

const UNAVAILABLE = sseEvent("unavailable", null, {
  message: "The database can't be reached at the moment. This goes on when it is back.",
});
const AVAILABLE = sseEvent("available", null, { message: "The database is back." });

function pausing(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
