/** The list of runs under one filter, and all who watch it on this server. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { RunStatus } from "../../ledger/runs/statuses.ts";
import type { RunReport } from "../../report/report_schema.ts";
import { runPage } from "../../report/run_page.ts";
import { hideOthers } from "../identity/hide_others.ts";
import { importerPatterns, mayUse } from "../identity/principal.ts";
import { publicRun } from "../answers/public_words.ts";
import type { EventStream } from "./event_stream.ts";
import type { RunsEvent } from "./schemas.ts";
import { sseEvent } from "./sse.ts";
import type { View } from "./view.ts";

export interface ListFilter {
  readonly status: RunStatus | undefined;
  readonly importer: string | undefined;
  readonly limit: number;
}

interface ListClient {
  readonly stream: EventStream;
  /** It has the list as it is. */
  upToDate: boolean;
}

/** Numbers of runs that are remembered. */
const MOST_SHOWN = 10_000;

export class ListWatch {
  readonly clients = new Set<ListClient>();
  readonly #view: View;
  readonly #filter: ListFilter;
  /** Runs that some client has been told of, and that may be on its page. */
  readonly #shown = new Set<number>();

  constructor(view: View, filter: ListFilter) {
    this.#view = view;
    this.#filter = filter;
  }

  static keyOf(view: View, { status, importer, limit }: ListFilter): string {
    return JSON.stringify([view.key, status, importer, limit]);
  }

  join(stream: EventStream): ListClient {
    const client = { stream, upToDate: false };
    this.clients.add(client);
    return client;
  }

  /** The list as it is, for clients that are new, or have missed changes because they read slowly. */
  async tellAll(ledger: Ledger, now: number): Promise<void> {
    const waiting = [...this.clients].filter(({ stream, upToDate }) => !upToDate && stream.isFree);
    if (waiting.length === 0) return;
    const filter = { ...this.#filter, importersLike: importerPatterns(this.#view) };
    const { data: found, meta } = await runPage(ledger, filter, publicRun);
    const data = await hideOthers(this.#view, ledger, found);
    this.#remember(data);
    const event: RunsEvent = { data, gone: [], meta };
    const bytes = sseEvent("runs", null, event);
    for (const client of waiting) client.upToDate = client.stream.put([], bytes, now);
  }

  /** `changed`: as they are now. */
  async tell(
    ledger: Ledger,
    changed: readonly RunReport[],
    deleted: ReadonlySet<number>,
    now: number,
  ): Promise<void> {
    const fitting = changed.filter((run) => this.#fits(run));
    const leaving = changed.filter((run) => !this.#fits(run)).map(({ id }) => id);
    const gone = [...leaving, ...deleted].filter((id) => this.#shown.delete(id));
    if (fitting.length + gone.length === 0) return;
    const data = await hideOthers(this.#view, ledger, fitting);
    this.#remember(data);
    const event: RunsEvent = { data, gone };
    const bytes = sseEvent("changed", null, event);
    for (const client of this.clients) {
      if (client.upToDate) client.upToDate = client.stream.put([], bytes, now);
    }
  }

  #fits({ status, importer }: RunReport): boolean {
    return mayUse(this.#view, importer) &&
      (this.#filter.status === undefined || this.#filter.status === status) &&
      (this.#filter.importer === undefined || this.#filter.importer === importer);
  }

  #remember(runs: readonly RunReport[]): void {
    for (const { id } of runs) this.#shown.add(id);
    // The first ones were remembered first.
    for (const id of this.#shown) {
      if (this.#shown.size <= MOST_SHOWN) break;
      this.#shown.delete(id);
    }
  }
}
