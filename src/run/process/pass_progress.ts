/** How far a pass over all rows is, and how quickly it goes on. */
import type { BatchCounts } from "../../ledger/batches/batches.ts";
import type { ErrorGroup } from "../../ledger/batches/batch_errors.ts";
import { messageForm } from "../../ledger/groups/group_id.ts";
import type { FailedSoFar, Uncommitted } from "../../ledger/runs/uncommitted.ts";
import { addCounts, noCounts, type SummedCounts } from "./sum_counts.ts";

/** Milliseconds of which the speed is told. */
const RECENT = 5_000;
/** Reasons that are told, and that are remembered: each row's may be another one. */
const SHOWN = 5;
const REMEMBERED = 1_000;

interface Step {
  /** By the steady clock. */
  readonly at: number;
  readonly rows: number;
}

export class PassProgress {
  readonly counts: SummedCounts = noCounts();
  readonly #now: () => number;
  readonly #failures = new Map<
    string,
    { -readonly [Key in keyof FailedSoFar]: FailedSoFar[Key] }
  >();
  /** The first one is where the speed is counted from. */
  readonly #steps: Step[];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#steps = [{ at: now(), rows: 0 }];
  }

  get rows(): number {
    const { created, updated, skipped, failed } = this.counts;
    return created + updated + skipped + failed;
  }

  /** A batch is done. */
  add(counts: BatchCounts): void {
    addCounts(this.counts, counts);
    const now = this.#now();
    this.#steps.push({ at: now, rows: this.rows });
    while (this.#steps[1].at <= now - RECENT) this.#steps.shift();
  }

  addFailures(groups: readonly ErrorGroup[]): void {
    for (const { id, kind, code, message, column, count } of groups) {
      // What is wrong with single values says it better than the headline of their row.
      if (kind === "row" && code === "validation") continue;
      const known = this.#failures.get(id);
      if (known !== undefined) {
        known.rows += count;
        // What is said of all its rows has to hold for each.
        if (known.message !== message) {
          known.message = messageForm({ kind, code, column, message }, "…");
        }
      } else if (this.#failures.size < REMEMBERED) {
        this.#failures.set(id, { message, column, rows: count });
      }
    }
  }

  report(): Omit<Uncommitted, "doing" | "processed"> {
    const { created, updated, skipped, failed } = this.counts;
    const [from] = this.#steps;
    const seconds = (this.#now() - from.at) / 1000;
    const failures = [...this.#failures.values()].sort((one, other) => other.rows - one.rows);
    return {
      ...{ created, updated, skipped, failed },
      rows_per_second: seconds > 0 ? (this.rows - from.rows) / seconds : null,
      failures: failures.slice(0, SHOWN),
    };
  }
}
