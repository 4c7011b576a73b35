/** All lists of runs that are watched on this server. */
import type { Ledger } from "../../ledger/ledger.ts";
import { listReport } from "../../report/run_report.ts";
import { publicRun } from "../answers/public_words.ts";
import { ChangedRuns } from "./changes.ts";
import type { EventStream } from "./event_stream.ts";
import { type ListFilter, ListWatch } from "./list_watch.ts";
import type { View } from "./view.ts";

/** Milliseconds between two events of a client: at most 4 a second. */
const INTERVAL = 250;
/** How many runs are told of at once. What is more comes with the next event. */
const MOST_AT_ONCE = 100;

export class ListWatches {
  readonly #lists = new Map<string, ListWatch>();
  #changes: ChangedRuns | null = null;
  /** Runs that have changed and are not told yet. */
  readonly #untold = new Set<number>();
  #toldAt = -Infinity;

  join(stream: EventStream, view: View, filter: ListFilter): void {
    const key = ListWatch.keyOf(view, filter);
    const list = this.#lists.get(key) ?? new ListWatch(view, filter);
    this.#lists.set(key, list);
    const client = list.join(stream);
    void stream.ended.then(() => {
      list.clients.delete(client);
      if (list.clients.size === 0 && this.#lists.get(key) === list) this.#lists.delete(key);
    });
  }

  /** Nobody has to look often. */
  get isQuiet(): boolean {
    return this.#untold.size === 0 && (this.#changes?.open ?? 0) === 0;
  }

  async look(ledger: Ledger, now: number): Promise<void> {
    const lists = [...this.#lists.values()];
    if (lists.length === 0) {
      this.#changes = null;
      return;
    }
    // Before the lists are read: what changes meanwhile is told twice, not never.
    if (this.#changes === null) await this.#begin(ledger);
    else if (now - this.#toldAt >= INTERVAL) {
      this.#toldAt = now;
      await this.#tellChanges(ledger, this.#changes, lists, now);
    }
    for (const list of lists) await list.tellAll(ledger, now);
  }

  /** Nobody knows what was missed, as when the database was away: all get their lists anew. */
  beginAnew(): void {
    this.#changes = null;
    for (const { clients } of this.#lists.values()) {
      for (const client of clients) client.upToDate = false;
    }
  }

  async #begin(ledger: Ledger): Promise<void> {
    const changes = new ChangedRuns();
    await changes.begin(ledger);
    this.#changes = changes;
    this.#untold.clear();
  }

  async #tellChanges(
    ledger: Ledger,
    changes: ChangedRuns,
    lists: readonly ListWatch[],
    now: number,
  ): Promise<void> {
    const { changed, deleted } = await changes.look(ledger, now);
    for (const id of changed) this.#untold.add(id);
    if (this.#untold.size === 0 && deleted.size === 0) return;
    const ids = [...this.#untold].sort((a, b) => b - a).slice(0, MOST_AT_ONCE);
    const reports = ids.length === 0 ? [] : await listReport(
      ledger,
      { status: null, importer: null, ids, limit: ids.length },
      publicRun,
    );
    for (const list of lists) await list.tell(ledger, reports, deleted, now);
    for (const id of ids) this.#untold.delete(id);
  }
}
