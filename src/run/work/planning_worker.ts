/** Plans the runs that need it, one after the other. */
import { backoff } from "../../db/sqlstate.ts";
import { TableLocked } from "../../db/table_locked.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { requestFailure, startRun } from "../../ledger/runs/run_states.ts";
import { listOpenRuns, requireRun, type Run } from "../../ledger/runs/runs.ts";
import { batchSizeOf } from "../../ledger/batches/next_phase.ts";
import { NoAccess } from "../../source/error.ts";
import { settleRun } from "../settle_run.ts";
import { ConnectedWorker } from "./connected_worker.ts";
import { judgeFailure, troubleOf } from "./judge_failure.ts";
import { leaveRun } from "./left_runs.ts";
import { LockedRuns } from "./locked_runs.ts";
import { planRun } from "../plan/plan_run.ts";
import { planUndo } from "../undo/plan_undo.ts";
import { mayHaveSource } from "./scope.ts";
import type { Programs } from "./programs.ts";
import type { WorkerConnection } from "./worker_connection.ts";

export interface PlanningWorkerOptions {
  readonly connection: WorkerConnection;
  readonly schemaName: string;
  /** Of the worker that it takes turns with, if there is one. */
  readonly programs?: Programs;
  /** Called with the number of batches planned so far, when there are new ones to claim. */
  onPlanned(batches: number): void;
  /** A run has ended, or its next phase is open. */
  onSettled(ended: boolean): void;
}

/** How long the planner sleeps if nothing wakes it, in milliseconds. */
const POLL_INTERVAL = 500;

export class PlanningWorker extends ConnectedWorker {
  readonly #options: PlanningWorkerOptions;
  readonly #locked = new LockedRuns();
  #failures = 0;
  /** Where the plans of open runs stood at the last look, in bytes. */
  #seen: ReadonlyMap<string, number> = new Map();

  constructor(options: PlanningWorkerOptions) {
    super(options.connection, options.schemaName);
    this.#options = options;
  }

  protected override async turn(): Promise<number> {
    try {
      await this.#round(await this.connection.use());
      this.#failures = 0;
      this.report(null);
      await this.restConnection();
    } catch (error) {
      // Errors that a run causes have already failed that run; this one is the database's.
      const { kind } = judgeFailure(error);
      if (kind === "fatal") throw error;
      if (kind === "lost") this.connection.destroy();
      const trouble = troubleOf(error);
      if (trouble !== null) this.report(trouble);
      this.#failures++;
    }
    return this.#failures > 0 ? backoff(this.#failures) : POLL_INTERVAL;
  }

  /** Plans every open run that needs it, and settles those without a batch in progress. */
  async #round(ledger: Ledger): Promise<void> {
    const { onlyRun } = this.assignment;
    const runs = await listOpenRuns(ledger, onlyRun);
    const seen = this.#seen;
    this.#seen = new Map(runs.map((run) => [nameOf(run), run.planned_bytes]));
    for (const run of runs) {
      if (this.stopping) return;
      const isLocked = this.#locked.list().includes(run.id);
      if (!isLocked && mayHaveSource(run, onlyRun) && wantsPlanning(run, seen.get(nameOf(run)))) {
        await this.#plan(ledger, run);
      }
      const settled = await settleRun(ledger, run.id, batchSizeOf(run.definition));
      if (settled.do !== "nothing") this.#options.onSettled(settled.do === "end");
    }
  }

  async #plan(ledger: Ledger, run: Run): Promise<void> {
    try {
      await startRun(ledger, run.id);
      const options = {
        onStep: (batches: number) => this.#options.onPlanned(batches),
        isStopping: () => this.stopping,
      };
      if (run.kind === "undo") return void await planUndo(ledger, run, options);
      const patience = this.#locked.patience(run.id);
      let program = await this.prepare(ledger, run, patience);
      while (await planRun(ledger, program, options) === "table_changed") {
        const now = await requireRun(ledger, run.id);
        program = await this.prepare(ledger, now);
      }
      this.#options.programs?.leave(program);
      this.#locked.clear(run.id);
    } catch (error) {
      if (error instanceof TableLocked) this.#locked.note(run.id);
      if (error instanceof NoAccess && this.assignment.onlyRun === null) {
        return await leaveRun(ledger, run.id, error);
      }
      const judged = judgeFailure(error);
      if (judged.kind === "lost") throw error;
      if (judged.kind === "fatal") await requestFailure(ledger, run.id, judged.failure);
    }
  }
}

/** After a restore, another run may have the number. */
function nameOf({ id, created_at }: Run): string {
  return `${id} ${created_at.getTime()}`;
}

/**
 * Should this process plan the run? If the plan has advanced since the last look, another process
 * is planning it. Its lock is free for a moment between two steps, but a planner that takes it then
 * has to read again everything that was read before.
 */
export function wantsPlanning(
  run: Pick<Run, "status" | "error" | "planned_at" | "planned_bytes" | "source">,
  seenBytes: number | undefined,
): boolean {
  if (run.status !== "pending" && run.status !== "processing") return false;
  if (run.error !== null || run.planned_at !== null) return false;
  return run.planned_bytes <= run.source.data_start || run.planned_bytes === seenBytes;
}
