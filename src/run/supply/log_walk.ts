/**
 * Cuts the rows of a retry into pieces, in their order in the log: first those already planned, batch
 * by batch, then those still unresolved.
 */
import type { BatchLimits } from "../../kernel/scanner.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { inPages } from "../../ledger/pages.ts";
import type { PlanPosition } from "../../ledger/batches/plan.ts";
import { listPlannedRows, type PlannedRows } from "../../ledger/rows/retried_rows.ts";
import type { Retry } from "../../ledger/runs/retries.ts";
import type { Piece, RowReader } from "./row_supply.ts";
import { shareOfRest } from "./share_of_rest.ts";

/** About as much work as the least bytes of a batch of a file. */
const LEAST_BATCH_ROWS = 15_000;

export abstract class LogWalk implements RowReader {
  /** The first run has told them. */
  readonly notes: readonly string[] = [];
  readonly #planned: AsyncGenerator<PlannedRows>;
  #pastPlanned = false;
  #position: PlanPosition = { bytes: 0, rows: 0, lines: 0 };
  /** Of the pieces so far. */
  protected lastRow = 0;
  protected isLast = false;

  protected readonly ledger: Ledger;
  protected readonly retry: Retry;
  readonly #limits: BatchLimits;
  readonly #failed: number;

  /** `failed`: how many rows failed that are retried now; some may be resolved. */
  constructor(ledger: Ledger, retry: Retry, limits: BatchLimits, failed: number) {
    this.ledger = ledger;
    this.retry = retry;
    this.#limits = limits;
    this.#failed = failed;
    this.#planned = inPages((after, limit) => listPlannedRows(ledger, retry, after, limit));
  }

  /** The piece of a batch that another planner has already made. */
  protected abstract planned(batch: PlannedRows): Piece | Promise<Piece>;

  /** The next piece of unresolved rows. Sets `isLast` if there are no more after it. */
  protected abstract unresolved(): Promise<Piece | null>;

  /** Of the next piece: like those of a file, pieces become smaller towards the end. */
  protected get limits(): BatchLimits {
    const { rows, bytes } = this.#limits;
    const left = this.#failed - this.#position.rows;
    return { rows: shareOfRest(rows, left, LEAST_BATCH_ROWS), bytes };
  }

  get position(): PlanPosition {
    return this.#position;
  }

  get atEnd(): boolean {
    return this.isLast;
  }

  get begun(): readonly [] {
    return [];
  }

  identify(): Promise<null> {
    return Promise.resolve(null);
  }

  async next(): Promise<Piece | null> {
    await this.ledger.walkTheIndex();
    if (!this.#pastPlanned) {
      const { value: batch, done } = await this.#planned.next();
      if (!done) return await this.planned(batch);
      this.#pastPlanned = true;
    }
    return this.isLast ? null : await this.unresolved();
  }

  close(): void {}

  /** Goes on behind a piece. `lastLine`: where it ends. Returns where it began. */
  protected pass(bytes: number, rows: number, lastRow: number, lastLine: number): PlanPosition {
    const from = this.#position;
    this.#position = { bytes: from.bytes + bytes, rows: from.rows + rows, lines: lastLine };
    this.lastRow = lastRow;
    return from;
  }
}
