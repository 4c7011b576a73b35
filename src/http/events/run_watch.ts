/**
 * One run, and all who watch it on this server. What they get is made once for all who may see the
 * same, whatever their number.
 */
import type { StatusChange, WatchedRun } from "../../ledger/watched/watched_runs.ts";
import { isTerminal, type RunStatus } from "../../ledger/runs/statuses.ts";
import type { RunReport } from "../../report/report_schema.ts";
import type { EventStream, StreamEnd } from "./event_stream.ts";
import type { EndEvent } from "./schemas.ts";
import { END, eventId, sseEvent } from "./sse.ts";
import { progressOf, type View } from "./view.ts";

/** Milliseconds between two progress events of a client: at most 4 a second. */
export const PROGRESS_INTERVAL = 250;

export interface RunClient {
  readonly stream: EventStream;
  readonly view: View;
  /** The last change of status that it has seen; null: it is new here. */
  seen: number | null;
  /** It has been told where the run stands. */
  joined: boolean;
  /** The progress that it has been sent last, by its number. */
  version: number;
  progressAt: number;
}

/** Reads the run as this view may see it. Throws NoSuchRun. */
export type ReadReport = (view: View) => Promise<RunReport>;

interface Progress {
  readonly version: number;
  /** The event without its time. */
  readonly text: string;
  readonly bytes: Uint8Array;
}

export class RunWatch {
  readonly clients = new Set<RunClient>();
  /** Where the run stood at the last look. */
  #status: StatusChange | null = null;
  #versions = 0;
  /** By view. */
  readonly #progress = new Map<string, Progress>();

  constructor(readonly id: number) {}

  join(stream: EventStream, view: View, seen: number | null): RunClient {
    const client = { stream, view, seen, joined: false, version: 0, progressAt: -Infinity };
    this.clients.add(client);
    return client;
  }

  /** Changes of status after this event are needed; null: none are. */
  get after(): number | null {
    const events = [...this.clients].flatMap(({ joined, seen }) =>
      joined || seen === null ? [] : [seen]
    );
    if (this.#status !== null) events.push(this.#status.event);
    return events.length === 0 ? null : Math.min(...events);
  }

  /** Tells what is new. `found` is undefined if the run is gone. */
  async tell(found: WatchedRun | undefined, read: ReadReport, now: number): Promise<void> {
    if (found === undefined) return this.#endAll("deleted", `Run ${this.id} was deleted.`);
    const ends = isTerminal(found.status);
    const told = [...this.clients].map((client) => ({
      client,
      changes: changesFor(client, this.#status, found),
    }));
    // All that is needed is read before anything is told: else a lost connection would leave clients
    // with a part of it.
    const reports = new Map<string, RunReport>();
    for (const { client: { view }, changes } of told) {
      if (reports.has(view.key) || (!ends && changes.length === 0)) continue;
      reports.set(view.key, await read(view));
    }
    const events = new Map<string, Uint8Array>();
    for (const { client, changes } of told) {
      const { view } = client;
      const report = reports.get(view.key);
      const news = report === undefined ? [] : changes.map((change) => {
        const key = `${change.event} ${change.status} ${view.key}`;
        const bytes = events.get(key) ?? statusEvent(change, report);
        events.set(key, bytes);
        return bytes;
      });
      client.joined = true;
      const { bytes, version } = this.#progressFor(view, found, ends ? report : undefined);
      const isDue = client.version < version && now - client.progressAt >= PROGRESS_INTERVAL;
      const isTaken = client.stream.put(news, isDue ? bytes : null, now);
      if (isDue && isTaken) Object.assign(client, { version, progressAt: now });
      // The last status has it, too: whoever reads slowly needn't wait for it.
      if (ends && (client.version === version || !isTaken)) this.#finish(client, found);
    }
    this.#status = { event: found.last_event, status: found.status };
  }

  /** Ends the streams without a word: clients come back. */
  drop(): void {
    for (const { stream } of this.clients) stream.close("failed");
    this.clients.clear();
  }

  #endAll(reason: "deleted", message: string): void {
    for (const client of this.clients) this.#end(client, reason, 0, message);
  }

  #finish(client: RunClient, { status, last_event }: WatchedRun): void {
    const message = `Run ${this.id} is ${status.replaceAll("_", " ")}.`;
    this.#end(client, "finished", last_event, message);
  }

  #end(
    client: RunClient,
    reason: EndEvent["reason"] & StreamEnd,
    event: number,
    message: string,
  ): void {
    const end: EndEvent = { id: this.id, reason, message };
    client.stream.send(sseEvent("end", eventId(event, END), end));
    client.stream.finish(reason);
    this.clients.delete(client);
  }

  /** `report`: that of a run that has ended. */
  #progressFor(view: View, found: WatchedRun, report: RunReport | undefined): Progress {
    const { at, last_event } = found;
    const progress = { ...progressOf(view, found), ...report?.progress };
    const text = JSON.stringify(progress);
    const known = this.#progress.get(view.key);
    if (known?.text === text) return known;
    const id = eventId(last_event, found.processed);
    const bytes = sseEvent("progress", id, { ...progress, at: at.toISOString() });
    const made = { version: ++this.#versions, text, bytes };
    this.#progress.set(view.key, made);
    return made;
  }
}

/** What this client has to be told of the run's changes of status, oldest first. */
export function changesFor(
  { joined, seen }: Pick<RunClient, "joined" | "seen">,
  last: StatusChange | null,
  found: Pick<WatchedRun, "status" | "last_event" | "changes">,
): readonly StatusChange[] {
  const now = { event: found.last_event, status: found.status };
  const after = joined ? last?.event ?? null : seen;
  const changes = after === null ? [] : found.changes.filter(({ event }) => event > after);
  const known = joined ? last?.status ?? null : null;
  // A run that is about to fail is processing without an event that says so.
  const all = changes.at(-1)?.status === now.status ? changes : [...changes, now];
  return all.filter(({ status }, i) => status !== (i === 0 ? known : all[i - 1].status));
}

function statusEvent(change: StatusChange, report: RunReport): Uint8Array {
  return sseEvent("status", eventId(change.event, change.status), asItWas(report, change.status));
}

/** The run when it got this status, from what is known of it now. */
export function asItWas(report: RunReport, status: RunStatus): RunReport {
  if (report.status === status) return report;
  const ends = isTerminal(status);
  const cancels = status === "cancelling" || status === "cancelled";
  return {
    ...report,
    status,
    is_terminal: ends,
    stalled: false,
    queued_behind: null,
    started_at: status === "pending" ? null : report.started_at,
    ...(!cancels && { cancel_requested_at: null, cancel_requested_by: null }),
    ...(!ends && { completed_at: null, summary: null, error: null }),
  };
}
