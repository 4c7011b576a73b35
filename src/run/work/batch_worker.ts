/**
 * Claims batches and processes them, one after the other. Workers need no coordinator: any number of
 * them, in any number of processes, share the work through Postgres alone.
 */
import { reasonOf } from "../../db/connection_errors.ts";
import { backoff } from "../../db/sqlstate.ts";
import { MAX_LONE_ATTEMPTS, recordRescue, releaseBatch } from "../../ledger/batches/batches.ts";
import { claimBatch, type ClaimedBatch, type ClaimKind } from "../../ledger/batches/claim_batch.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { requestFailure } from "../../ledger/runs/run_states.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { type BatchSize, batchSizeOf } from "../../ledger/batches/next_phase.ts";
import { NoAccess } from "../../source/error.ts";
import { ConnectedWorker } from "./connected_worker.ts";
import { CutOffBatches } from "./cut_off_batches.ts";
import { failIfTooManyErrors, giveUp, NO_BATCHES } from "./end_early.ts";
import { judgeFailure, troubleOf } from "./judge_failure.ts";
import { isLack, type Lack, leaveBatch, LeftRuns, requireHooksOf } from "./left_runs.ts";
import { programFor } from "./program_for.ts";
import { Programs } from "./programs.ts";
import { OtherHooks } from "../hooks/hooks_failed.ts";
import { processBatch } from "../process/process_batch.ts";
import { processWhole } from "../process/process_whole.ts";
import type { RunProgram } from "../program.ts";
import { Rehearsal } from "../process/rehearsal.ts";
import { undoBatch } from "../undo/undo_batch.ts";
import { scopeOf } from "./scope.ts";
import { settleRun } from "../settle_run.ts";
import { TransientFailures } from "./transient_failures.ts";
import type { WorkerConnection } from "./worker_connection.ts";
import type { WorkerEvent } from "./worker_messages.ts";

export interface WorkerOptions {
  readonly connection: WorkerConnection;
  readonly schemaName: string;
  /** Shown in `batches.worker` and in pg_stat_activity. */
  readonly name: string;
  /** Which batches it claims. Default: `fresh`. */
  readonly kind?: ClaimKind;
  /** A process that works on all runs wants it. Default: whether this worker works on all of them. */
  readonly ofAllRuns?: boolean;
  /** Shared with the planner that it takes turns with. */
  readonly programs?: Programs;
  onEvent(event: WorkerEvent): void;
}

/** How long a worker sleeps if nothing wakes it, in milliseconds. */
const POLL_INTERVAL = 500;
/** More deadlocks than this on one batch are no longer chance. */
const MAX_TRANSIENT_FAILURES = 10;
/** How long to wait for a locked table: others take this worker's place meanwhile (crew.ts). */
const NO_LIMIT = 0;

export class BatchWorker extends ConnectedWorker {
  readonly #options: WorkerOptions;
  readonly #programs: Programs;
  readonly #failures = new TransientFailures();
  /** Runs that this worker has worked on since it last checked whether they are done. */
  readonly #unsettled = new Map<number, BatchSize>();
  readonly #rehearsal = new Rehearsal();
  #avoided: readonly number[] = [];
  readonly #left = new LeftRuns();
  #connectionFailures = 0;
  readonly #cutOff = new CutOffBatches(MAX_TRANSIENT_FAILURES);

  constructor(options: WorkerOptions) {
    super(options.connection, options.schemaName);
    this.#options = options;
    this.#programs = options.programs ?? new Programs();
  }

  /** Runs whose batches have taken up enough workers: see `WorkerPool`. */
  avoid(runs: readonly number[]): void {
    this.#avoided = runs;
    this.bell.ring();
  }

  protected override async close(): Promise<void> {
    await this.#rehearsal.close();
    await this.#programs.close();
    await super.close();
  }

  protected override async turn(): Promise<number> {
    const { kind = "fresh" } = this.#options;
    let batch: ClaimedBatch | null = null;
    try {
      const ledger = await this.connection.use();
      await this.#cutOff.giveBack(ledger);
      batch = await claimBatch(
        ledger,
        kind,
        this.#options.name,
        scopeOf(this.assignment.onlyRun),
        [...this.#avoided, ...await this.#left.list()],
        // Who takes turns with the planner would wait for itself.
        this.#options.programs === undefined,
      );
      // Not when it is open: the server may accept no writes, and end it again.
      if (this.#connectionFailures > 0) this.#options.onEvent({ type: "back" });
      this.#connectionFailures = 0;
      this.report(null);
      if (batch !== null) {
        await this.#work(ledger, batch);
        return 0;
      }
      if (await this.#settle(ledger)) return 0;
      // Another worker that continues the run would wait for the rehearsal's row locks.
      await this.#rehearsal.close();
      this.#failures.forget(null);
    } catch (error) {
      return await this.#recover(error, batch);
    }
    await this.restConnection();
    this.#options.onEvent({ type: "idle" });
    return POLL_INTERVAL;
  }

  async #work(ledger: Ledger, batch: ClaimedBatch): Promise<void> {
    if (this.#options.kind === "rescued") {
      if (batch.lone_attempts > MAX_LONE_ATTEMPTS) return await giveUp(ledger, batch);
      if (batch.relation === null) await requireHooksOf(ledger, batch.run_id);
      await recordRescue(ledger, batch);
    }
    if (batch.relation !== null) return await this.#undo(ledger, batch);
    const known = this.#programs.get(batch.run_identity);
    const program = known ?? await this.#programFor(ledger, batch, false);
    if (program === null) return;
    this.#listenTo(program);
    this.#unsettled.set(batch.run_id, batchSizeOf(program.run.definition));
    if (!this.#rehearsal.isFor(program)) await this.#rehearsal.close();
    const process = program.run.whole ? processWhole : processBatch;
    const end = await process(ledger, program, batch, this.#rehearsal);
    if (!end.done) {
      if (end.because === "run_stopped") await releaseBatch(ledger, batch);
      if (end.because === "table_changed") await this.#programFor(ledger, batch, true);
    } else {
      if (end.counts.failed > 0 && !end.ended) await failIfTooManyErrors(ledger, program);
      this.#completed(batch);
      if (end.ended) this.#options.onEvent({ type: "settled", ended: true });
    }
  }

  /** A batch of an undo needs no program: it reads neither a file nor a definition. */
  async #undo(ledger: Ledger, batch: ClaimedBatch): Promise<void> {
    this.#unsettled.set(batch.run_id, NO_BATCHES);
    const end = await undoBatch(ledger, batch);
    if (end === "run_stopped") await releaseBatch(ledger, batch);
    if (end === "done") this.#completed(batch);
  }

  #completed(batch: ClaimedBatch): void {
    this.#failures.forget(batch);
    this.#cutOff.forget(batch);
    this.#options.onEvent({ type: "batch", runId: batch.run_id, rows: batch.row_count });
  }

  #listenTo({ hooks }: RunProgram): void {
    if (hooks !== null) {
      hooks.tell = (message) => this.#options.onEvent({ type: "warning", message });
    }
  }

  /** Null: claim the batch again. `again`: its table has changed. */
  #programFor(ledger: Ledger, batch: ClaimedBatch, again: boolean): Promise<RunProgram | null> {
    // Others take this worker's place while the table is locked.
    const prepare = (run: Run) => this.prepare(ledger, run, NO_LIMIT);
    return programFor(ledger, batch, this.#programs, { prepare, again });
  }

  /**
   * Nothing is left to claim, so check whether the runs that this worker worked on are done. The
   * worker that commits a run's last batch gets here right after. Returns true if there may be more
   * to do.
   */
  async #settle(ledger: Ledger): Promise<boolean> {
    let changed = false;
    for (const [runId, size] of this.#unsettled) {
      const action = await settleRun(ledger, runId, size);
      this.#unsettled.delete(runId);
      if (action.do === "nothing") continue;
      const ended = action.do === "end";
      this.#options.onEvent({ type: "settled", ended });
      // If its only run has ended, there is nothing to look for.
      if (!ended || this.assignment.onlyRun === null) changed = true;
    }
    return changed;
  }

  /**
   * The process has survived the error: the batch gets its attempt back, or its run fails. Resolves
   * with how long to wait.
   */
  async #recover(error: unknown, batch: ClaimedBatch | null): Promise<number> {
    await this.#rehearsal.close();
    const judged = judgeFailure(error);
    if (judged.kind === "lost") {
      this.connection.destroy();
      // One that could not be opened was not lost.
      if (this.#connectionFailures === 0 && troubleOf(error)?.isFull !== true) {
        const message = reasonOf(error);
        this.#options.onEvent({ type: "lost", runId: batch?.run_id ?? null, message });
      }
      // Behind the next connection may be another database: one that was restored, say.
      this.#forgetAll();
      const trouble = troubleOf(error);
      if (trouble !== null) this.report(trouble);
      if (judged.ended !== null && batch !== null) this.#cutOff.note(batch, judged.ended);
      // The batch's lock was lost with the connection. If it isn't given back, it will be found as
      // abandoned.
      return backoff(++this.#connectionFailures);
    }
    if (batch !== null && isLack(error) && this.#mayLeave(error)) {
      return await this.#leave(batch, error);
    }
    // No run caused this (the database accepts no writes, say), and this worker can't fix it.
    if (batch === null && judged.kind === "fatal") throw error;
    const failures = this.#failures.count(batch);
    const givenUp = batch !== null &&
      (judged.kind === "fatal" || failures > MAX_TRANSIENT_FAILURES);
    const { message } = judged.failure;
    this.#options.onEvent({
      type: "warning",
      message: givenUp ? message : `${message} Trying again.`,
    });
    try {
      const ledger = await this.connection.use();
      if (batch !== null) {
        if (givenUp) await requestFailure(ledger, batch.run_id, judged.failure);
        await releaseBatch(ledger, batch);
        if (givenUp) await settleRun(ledger, batch.run_id, NO_BATCHES);
      }
      if (batch !== null && givenUp) this.#forget(batch);
    } catch (second) {
      // The claim could not be given back, so the batch will be found as abandoned.
      if (judgeFailure(second).kind !== "lost") throw second;
      return 0;
    }
    return givenUp ? 0 : backoff(failures);
  }

  /** Whoever was told to load this very run says what it lacks, by failing it. */
  #mayLeave(lack: Lack): boolean {
    const { kind, ofAllRuns = this.assignment.onlyRun === null } = this.#options;
    return ofAllRuns || (kind === "rescued" && lack instanceof NoAccess);
  }

  /** Another machine may have what this one lacks. */
  async #leave(batch: ClaimedBatch, lack: Lack): Promise<number> {
    this.#forget(batch);
    if (lack instanceof OtherHooks) this.#left.leave(batch.run_id, lack);
    await leaveBatch(() => this.connection.use(), batch, lack);
    this.#options.onEvent({ type: "left" });
    return 0;
  }

  /** If the run is resumed, the cause has probably been fixed, for example in its table. */
  #forget(batch: ClaimedBatch): void {
    this.#failures.forget(batch);
    this.#programs.forget(batch.run_identity);
  }

  #forgetAll(): void {
    this.#programs.forgetAll();
    this.#failures.forgetAll();
    this.#left.forgetAll();
    this.#unsettled.clear();
  }
}
