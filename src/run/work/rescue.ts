/**
 * Regularly rescues the batches of dead processes, ends the connections of frozen ones, and replaces
 * workers that are held up.
 */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { backoff } from "../../db/sqlstate.ts";
import { listHeld } from "../../ledger/batches/batches.ts";
import { listAbandonedRuns } from "../../ledger/batches/claim_batch.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { endSession, listHolders } from "../../ledger/batches/stuck.ts";
import { type LonelyProcess, startLonely } from "./lonely_process.ts";
import type { WorkerPool } from "./pool.ts";
import { NEXT_TRY } from "./bucket_access.ts";
import { scopeOf } from "./scope.ts";
import { findStuck, type Look } from "./stuck.ts";

/** Milliseconds between looks for batches of dead processes. */
const RESCUE_INTERVAL = 250;
const BALANCE_INTERVAL = 1_000;
const STUCK_INTERVAL = 5_000;
/** A holder that sends nothing for this long in the middle of a statement is ended. */
const STUCK_AFTER = 30_000;
/** Each rescues the batches of one run, one after the other, and may wait for a lock meanwhile. */
const MOST_PROCESSES = 16;

export interface RescueOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  readonly pool: WorkerPool;
  readonly onlyRun: number | null;
  /** A rescued batch was its run's last one. */
  onSettled(): void;
}

/** A run whose process could not go on. */
interface Failures {
  readonly count: number;
  /** When the next process may start, as `performance.now()`. */
  readonly until: number;
}

export class Rescue {
  readonly #options: RescueOptions;
  #nextRescue = 0;
  #nextBalance = 0;
  #nextStuck = 0;
  #looks: readonly Look[] = [];
  /** By run. */
  readonly #processes = new Map<number, LonelyProcess>();
  readonly #failures = new Map<number, Failures>();
  #stopping = false;

  constructor(options: RescueOptions) {
    this.#options = options;
  }

  async look(ledger: Ledger): Promise<void> {
    const { onlyRun, pool } = this.#options;
    const now = performance.now();
    if (now >= this.#nextRescue) {
      this.#nextRescue = now + RESCUE_INTERVAL;
      for (const run of await listAbandonedRuns(ledger, scopeOf(onlyRun))) this.#rescue(run);
    }
    if (now >= this.#nextBalance && onlyRun === null) {
      this.#nextBalance = now + BALANCE_INTERVAL;
      pool.balance(await listHeld(ledger, pool.namePrefix));
    }
    if (now >= this.#nextStuck) {
      this.#nextStuck = now + STUCK_INTERVAL;
      const { looks, stuck } = findStuck(this.#looks, await listHolders(ledger), now, STUCK_AFTER);
      this.#looks = looks;
      for (const pid of stuck) await endSession(ledger, pid);
    }
  }

  /** Lets the processes finish their batches. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const process of this.#processes.values()) process.stop();
    await this.#ended();
  }

  /** Ends the processes at once. */
  async close(): Promise<void> {
    this.#stopping = true;
    for (const process of this.#processes.values()) process.kill();
    await this.#ended();
  }

  async #ended(): Promise<void> {
    await Promise.all([...this.#processes.values()].map(({ ended }) => ended));
  }

  /** One process for each run: no run waits for the batches of another. */
  #rescue(run: number): void {
    if (this.#stopping || this.#processes.has(run)) return;
    if (this.#processes.size >= MOST_PROCESSES) return;
    const { config, schemaName, pool, onlyRun, onSettled } = this.#options;
    const ofAllRuns = onlyRun === null;
    const failed = this.#failures.get(run);
    if (failed !== undefined && failed.until > performance.now()) return;
    let process: LonelyProcess;
    let failure: string | null = null;
    let isLeft = false;
    try {
      process = startLonely(
        {
          ...{ config, schemaName, run, ofAllRuns },
          name: `${Deno.hostname()} ${Deno.pid} rescue ${run}`,
        },
        (report) => {
          if (report.type === "settled") onSettled();
          else if (report.type === "warning") pool.warn(report.message);
          else if (report.type === "left") isLeft = true;
          else failure = report.message;
        },
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.#failed(run, `Can't start a process to rescue batches: ${reason}`);
    }
    this.#processes.set(run, process);
    process.ended.then(() => {
      this.#processes.delete(run);
      if (isLeft) this.#failures.set(run, { count: 0, until: performance.now() + NEXT_TRY });
      else if (failure === null) this.#failures.delete(run);
      else this.#failed(run, failure);
      // The run's other batches may have waited for this one.
      pool.wake();
    });
  }

  #failed(run: number, reason: string): void {
    const count = (this.#failures.get(run)?.count ?? 0) + 1;
    this.#failures.set(run, { count, until: performance.now() + backoff(count) });
    this.#options.pool.noteCrash(reason);
  }
}
