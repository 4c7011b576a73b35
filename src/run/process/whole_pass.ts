/** All batches of a run, loaded in one transaction: for good, or in a rehearsal. */
import { PostgresError } from "../../db/connection_errors.ts";
import { type Batch, type BatchCounts, ClaimLost } from "../../ledger/batches/batches.ts";
import { beginBatch } from "../../ledger/batches/begin_batch.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type BatchSize, batchSizeOf } from "../../ledger/batches/next_phase.ts";
import { holdRun, noteNulls } from "../../ledger/runs/held_runs.ts";
import { recordAbsent, recordSamples } from "../../ledger/runs/absent_rows.ts";
import { addWarnings, requestFailure } from "../../ledger/runs/run_states.ts";
import type { RunFailure } from "../../ledger/runs/runs.ts";
import { beginTry, currentTransaction, type WholeStep } from "../../ledger/runs/uncommitted.ts";
import { noteRolledBack, openPhaseOfWaiting, takeNext } from "../../ledger/runs/whole_runs.ts";
import { clearStage, dropStage } from "../../load/stage/fill_stage.ts";
import { asRefusal } from "../../load/refusal/refuse.ts";
import { describeRefusal } from "../../load/refusal/refusal.ts";
import { IMMEDIATELY } from "../../load/refusal/undoable.ts";
import { routesOf, type RunProgram } from "../program.ts";
import { endWithin, releaseSource } from "../settle_run.ts";
import { NullCounts } from "./null_counts.ts";
import { Overseer } from "./overseer.ts";
import { AbsentRows } from "./absent_rows.ts";
import type { BatchEnd } from "./process_batch.ts";
import { TableChanged } from "./other_table.ts";
import { PassProgress } from "./pass_progress.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { UnfinishedPlan } from "./unfinished_plan.ts";
import { judge } from "./whole_verdict.ts";
import type { Look } from "./resolve.ts";
import { type Into, workOff } from "./work_off.ts";

/** What a pass over all batches came to. `failure`: constraints that the table defers do not hold. */
type PassEnd = BatchEnd | { readonly refused: true; readonly failure: RunFailure | null };

/** Loads all batches in one transaction. */
export class WholePass {
  readonly #ledger: Ledger;
  #program: RunProgram;
  readonly #first: Batch;
  readonly #rehearsal: Rehearsal | null;
  readonly #failure: RunFailure | null;
  readonly #size: BatchSize;
  /** Null if nobody has asked. */
  #nulls: NullCounts | null = null;
  #absent: AbsentRows | null = null;
  /** The number of the last batch that was loaded. */
  #last = 0;

  /**
   * `rehearsal`: where rows are loaded if nothing of it is to stay. `failure`: why the run fails even if
   * no row does.
   */
  constructor(
    ledger: Ledger,
    program: RunProgram,
    first: Batch,
    rehearsal: Rehearsal | null,
    failure: RunFailure | null = null,
  ) {
    this.#ledger = ledger;
    this.#program = program;
    this.#first = first;
    this.#rehearsal = rehearsal;
    this.#failure = failure;
    this.#size = batchSizeOf(program.run.definition);
  }

  async run(step: WholeStep): Promise<PassEnd> {
    const [ledger, { run, target }] = [this.#ledger, this.#program];
    const claim = await beginTry(ledger, this.#first, step);
    if (claim === null) return { done: false, because: "taken" };
    const held = this.#rehearsal === null ? target : null;
    const hold = await beginBatch(ledger, this.#first, held, run.settings);
    if (!hold.held) return { done: false, because: hold.because };
    const progress = new PassProgress();
    const xid = await currentTransaction(ledger);
    const overseer = new Overseer(ledger, { claim, xid, progress });
    try {
      await this.#rehearsal?.restart(ledger, this.#program);
      await this.#beginAbsent();
      const end = await this.#work(progress);
      if ("done" in end && end.done) {
        await ledger.query("commit");
        await releaseSource(ledger, run.id);
      } else await ledger.query("rollback");
      return end;
    } catch (error) {
      if (!ledger.session.lost) await ledger.query("rollback");
      if (error instanceof ClaimLost) return { done: false, because: "taken" };
      if (error instanceof TableChanged) return { done: false, because: "table_changed" };
      if (overseer.hasStopped) return { done: false, because: "run_stopped" };
      throw error;
    } finally {
      await overseer.close();
      await this.#rehearsal?.close();
    }
  }

  async #work(progress: PassProgress): Promise<PassEnd> {
    const [ledger, { run }] = [this.#ledger, this.#program];
    this.#nulls = NullCounts.askedFor(this.#program);
    const plan = new UnfinishedPlan();
    for (let after = 0;;) {
      const next = await takeNext(ledger, this.#first, after);
      if (next.kind === "stopped") return STOPPED;
      if (next.kind === "unplanned") {
        if (!await plan.wait(next.planner)) return STOPPED;
        continue;
      }
      if (next.kind === "none") {
        if (await openPhaseOfWaiting(ledger, run.id, this.#size)) continue;
        break;
      }
      plan.goesOn();
      after = this.#last = next.batch.number;
      progress.add(await this.#load(next.batch, progress));
      if (progress.counts.failed > 0 && this.#rehearsal === null && !run.sets_aside) {
        return { refused: true, failure: null };
      }
    }
    const broken = await this.#checkDeferred();
    if (broken !== null) return { refused: true, failure: broken };
    return await this.#end(progress.counts);
  }

  /** A pass that only looks for failed rows leaves the others alone. */
  async #beginAbsent(): Promise<void> {
    if (this.#failure !== null) return;
    this.#absent = await AbsentRows.begin(this.#ledger, this.#program, this.#look);
    if (this.#absent === null) return;
    this.#program = { ...this.#program, loadPlan: this.#absent.plan };
  }

  /** On the session that loads. */
  get #look(): Look {
    const [ledger, rehearsal] = [this.#ledger, this.#rehearsal];
    return (work) => rehearsal === null ? work(ledger.session) : rehearsal.look(ledger, work);
  }

  async #load(batch: Batch, progress: PassProgress): Promise<BatchCounts> {
    const [ledger, program, rehearsal] = [this.#ledger, this.#program, this.#rehearsal];
    const into: Into = {
      async load(plan, load) {
        if (rehearsal !== null) return await rehearsal.load(ledger, plan, load);
        await clearStage(ledger.session, plan);
        return await load(ledger.session);
      },
      look: this.#look,
      seen: (encoded, loaded) => {
        this.#nulls?.add(encoded, loaded);
        this.#absent?.seen(encoded, loaded);
      },
      failed: (groups) => progress.addFailures(groups),
    };
    const counts = await workOff(ledger, program, batch, into, rehearsal === null);
    await this.#absent?.noteFailed();
    return counts;
  }

  /** Why the constraints that were put off until the end don't hold; null if they do. */
  async #checkDeferred(): Promise<RunFailure | null> {
    const plans = routesOf(this.#program).map(({ loadPlan }) => loadPlan);
    if (!plans.some(({ checksAtEnd = false }) => checksAtEnd)) return null;
    try {
      await (this.#rehearsal === null
        ? this.#ledger.query(IMMEDIATELY)
        : this.#rehearsal.checkDeferred(this.#ledger));
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      const { table } = plans.find(({ table }) => table.name === error.table_name) ?? plans[0];
      const refusal = asRefusal(table)(error);
      const { message } = describeRefusal(refusal, table);
      return {
        code: "database",
        message: `All rows together break a constraint that is checked at the end: ${message} ` +
          "Nothing was loaded.",
      };
    }
    return null;
  }

  async #end(counts: BatchCounts): Promise<PassEnd> {
    const [ledger, { run }] = [this.#ledger, this.#program];
    const { created, updated, skipped, failed } = counts;
    const all = { rows: created + updated + skipped + failed, created, updated, skipped, failed };
    const nulls = this.#nulls?.counts(all.rows - failed);
    const absent = this.#absent?.mayFind(failed)
      ? await this.#absent.find(all.rows - failed)
      : null;
    const verdict = await judge(ledger, run, { ...all, nulls }, absent);
    const failure = this.#failure ?? (verdict.kind === "fail" ? verdict.failure : null);
    const fails = failure !== null || verdict.kind === "fail";
    const holds = !fails && verdict.kind === "hold";
    if (this.#rehearsal === null && (fails || holds)) return { refused: true, failure: null };
    const removed = fails || absent === null
      ? null
      : await this.#absent!.remove(this.#last, this.#rehearsal === null);
    if (removed?.ok === false) return { refused: true, failure: removed.failure };
    const counted = removed?.counts ?? null;
    if (absent !== null && !fails) await recordSamples(ledger, run.id, absent.samples);
    if (this.#absent !== null && !fails && (!holds || run.dry_run)) {
      await recordAbsent(ledger, run.id, counted);
      await addWarnings(ledger, run.id, this.#absent.notes(failed, counted));
    }
    // Where another pass follows, this one is rolled back, and that one tells it.
    await addWarnings(ledger, run.id, this.#program.hooks?.printed ?? []);
    if (this.#rehearsal === null) {
      if (nulls !== undefined) await noteNulls(ledger, run.id, nulls);
      for (const { loadPlan } of routesOf(this.#program)) {
        await dropStage(ledger.session, loadPlan);
      }
    } else if (fails) {
      await noteRolledBack(ledger, run.id);
      if (failure !== null && (failed === 0 || run.sets_aside)) {
        await requestFailure(ledger, run.id, failure);
      }
    } else if (holds && run.dry_run) {
      const why = verdict.because.join(" ");
      await addWarnings(ledger, run.id, [
        `The run would be held until somebody releases it: ${why}`,
      ]);
    } else if (holds) {
      await noteRolledBack(ledger, run.id, true);
      const { in_scope: _, ...gone } = counted ?? { in_scope: 0 };
      const isHeld = await holdRun(ledger, run.id, { because: verdict.because, ...all, ...gone });
      return isHeld ? { done: true, counts, ended: true } : STOPPED;
    } else if (!run.dry_run) return { refused: true, failure: null };
    const action = await endWithin(ledger, run.id, this.#size);
    // Somebody has cancelled it, or made it fail.
    const isOurs = action.do === "end" && (action.to === "failed") === fails &&
      action.to !== "cancelled";
    return isOurs ? { done: true, counts, ended: true } : STOPPED;
  }
}

const STOPPED: PassEnd = { done: false, because: "run_stopped" };
