/** Finds out which runs are new or have changed since it was asked last. */
import {
  happenedSince,
  latestIds,
  markOpenRuns,
  type RunAndKin,
} from "../../ledger/runs/changed_runs.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { latestEventId } from "../../ledger/runs/run_events.ts";

export interface Changes {
  readonly changed: ReadonlySet<number>;
  readonly deleted: ReadonlySet<number>;
}

/**
 * Events get their numbers before they are committed, so a smaller one may come later: so many are
 * looked at again.
 */
const WINDOW = 200;
/** Events of one look. What is more is found by the next. */
const PAGE = 2_000;
/** How many open runs are followed in detail. Of the others, only their events are told. */
const MOST_OPEN = 50;
/** How many runs are looked for that were deleted, and how often, in milliseconds. */
const LATEST = 1_000;
const DELETED_INTERVAL = 2_000;

export class ChangedRuns {
  #last = 0;
  #seen = new Set<number>();
  #marks = new Map<number, string>();
  #latest: readonly number[] = [];
  #lookedForDeleted = -Infinity;

  /** From here on, everything is told. */
  async begin(ledger: Ledger): Promise<void> {
    const last = await latestEventId(ledger);
    this.#last = last;
    const before = await happenedSince(ledger, last - WINDOW, PAGE);
    this.#seen = new Set(before.map(({ event }) => event));
    this.#marks = await readMarks(ledger);
    this.#latest = await latestIds(ledger, LATEST);
  }

  /** How many runs had not ended at the last look. */
  get open(): number {
    return this.#marks.size;
  }

  async look(ledger: Ledger, now: number): Promise<Changes> {
    const changed = new Set<number>();
    const add = ({ id, parent_id, undoes_run_id }: RunAndKin) => {
      for (const run of [id, parent_id, undoes_run_id]) if (run !== null) changed.add(run);
    };
    for (const happened of await happenedSince(ledger, this.#last - WINDOW, PAGE)) {
      if (this.#seen.has(happened.event)) continue;
      this.#seen.add(happened.event);
      this.#last = Math.max(this.#last, happened.event);
      add(happened);
    }
    for (const event of this.#seen) if (event <= this.#last - WINDOW) this.#seen.delete(event);
    const marks = new Map<number, string>();
    for (const run of await markOpenRuns(ledger, MOST_OPEN)) {
      marks.set(run.id, run.mark);
      if (this.#marks.get(run.id) !== run.mark) add(run);
    }
    this.#marks = marks;
    return { changed, deleted: await this.#findDeleted(ledger, now) };
  }

  async #findDeleted(ledger: Ledger, now: number): Promise<ReadonlySet<number>> {
    if (now - this.#lookedForDeleted < DELETED_INTERVAL) return new Set();
    this.#lookedForDeleted = now;
    const latest = await latestIds(ledger, LATEST);
    const there = new Set(latest);
    // Smaller ones may only have moved out of the part that is looked at.
    const smallest = latest.length < LATEST ? 0 : latest[latest.length - 1];
    const deleted = this.#latest.filter((id) => id >= smallest && !there.has(id));
    this.#latest = latest;
    return new Set(deleted);
  }
}

async function readMarks(ledger: Ledger): Promise<Map<number, string>> {
  const open = await markOpenRuns(ledger, MOST_OPEN);
  return new Map(open.map(({ id, mark }) => [id, mark]));
}
