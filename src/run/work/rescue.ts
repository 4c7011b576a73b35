/** Regularly rescues the batches of dead processes, and ends the connections of frozen ones. */
import { hasAbandonedBatch } from "../../ledger/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { endSession, listHolders } from "../../ledger/stuck.ts";
import { scopeOf } from "./scope.ts";
import type { WorkerPool } from "./pool.ts";
import { findStuck, type Look } from "./stuck.ts";

/** Milliseconds between looks for batches of dead processes, which are rescued within a second. */
const RESCUE_INTERVAL = 250;
const STUCK_INTERVAL = 5_000;
/** A holder that sends nothing for this long in the middle of a statement is ended. */
const STUCK_AFTER = 30_000;

export class Rescue {
  readonly #pool: WorkerPool;
  readonly #onlyRun: number | null;
  #nextRescue = 0;
  #nextStuck = 0;
  #rescuing: Promise<void> | null = null;
  #looks: readonly Look[] = [];

  constructor(pool: WorkerPool, onlyRun: number | null) {
    this.#pool = pool;
    this.#onlyRun = onlyRun;
  }

  async look(ledger: Ledger): Promise<void> {
    const now = Date.now();
    if (now >= this.#nextRescue && this.#rescuing === null) {
      this.#nextRescue = now + RESCUE_INTERVAL;
      if (await hasAbandonedBatch(ledger, scopeOf(this.#onlyRun))) {
        this.#rescuing = this.#pool.rescue().finally(() => {
          this.#rescuing = null;
        });
      }
    }
    if (now >= this.#nextStuck) {
      this.#nextStuck = now + STUCK_INTERVAL;
      const { looks, stuck } = findStuck(this.#looks, await listHolders(ledger), now, STUCK_AFTER);
      this.#looks = looks;
      for (const pid of stuck) await endSession(ledger, pid);
    }
  }
}
