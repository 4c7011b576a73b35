/**
 * Plans a run: one pass over its rows cuts them into batches and finds the rows that must be
 * deferred to a later phase. Each step is one transaction, so workers start on the first batches
 * while later ones are still being planned, and another process can continue where this one
 * stopped. The run's supply knows where the rows come from.
 */
import type { BatchLimits } from "../../kernel/scanner.ts";
import { KeyRegister } from "../../keys/register.ts";
import type { DeferredRow } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import {
  countPlanned,
  finishPlanning,
  type PlanLook,
  type PlannedBatch,
  type PlanPosition,
  PlanUnwanted,
  withPlanLock,
  writePlanStep,
} from "../../ledger/batches/plan.ts";
import {
  addWarnings,
  notePlannedKeys,
  setFilledSequences,
  setInOrder,
} from "../../ledger/runs/run_states.ts";
import { noteBegunParts } from "../../ledger/runs/run_files.ts";
import { findRun, type Run } from "../../ledger/runs/runs.ts";
import { refusesDuplicates, writtenColumns } from "../../load/load_plan.ts";
import { filledSequences } from "../../load/catalog/sequences.ts";
import { routesOf, type RunProgram } from "../program.ts";
import { isInOrder } from "../sequence.ts";
import type { RowReader } from "../supply/row_supply.ts";
import { emptyBatch } from "./empty_batch.ts";
import { joinedBatch } from "./joined_batch.ts";
import { WatchedReader } from "./watched_reader.ts";
import { tellEarlierLoads } from "./earlier_loads.ts";
import { areKnownApart } from "./known_apart.ts";
import { assertSameRows } from "./same_rows.ts";
import { secondPass } from "./second_pass.ts";

/** Bytes planned in one transaction. */
const STEP_BYTES = 64_000_000;
/**
 * A step ends early after this many milliseconds, because workers wait for its batches at the
 * beginning and whenever they are faster than the planner. The first step is short, because every
 * worker waits for it. Each later step may take twice as long as the one before, up to STEP_TIME.
 */
const FIRST_STEP_TIME = 25;
const STEP_TIME = 250;
/** The first step has at least this many batches; with fewer, workers would wait for the second. */
const FIRST_BATCHES = 2;
/** A step ends at this many deferred rows: a file may hold the same key millions of times. */
const STEP_WAITING_ROWS = 100_000;

export type PlanEnd =
  | "planned"
  /** Another process is planning this run. */
  | "elsewhere"
  /** The run was cancelled or has failed. */
  | "stopped"
  /** The program was compiled for a table that has changed since. */
  | "table_changed";

export interface PlanOptions {
  readonly stepBytes?: number;
  /** How long the first step may take, in milliseconds. */
  readonly stepTime?: number;
  /** Called when new batches are committed, with the number planned so far, as far as is known. */
  onStep?(batches: number): void;
  /** Asked between steps. If true, the rest is left to the next planner. */
  isStopping?(): boolean;
}

/** Throws SourceError if the rows can't be read, or have changed since the run began. */
export async function planRun(
  ledger: Ledger,
  program: RunProgram,
  options: PlanOptions = {},
): Promise<PlanEnd> {
  const planning = new Planning(ledger, program);
  const { stepBytes = STEP_BYTES, stepTime: first = FIRST_STEP_TIME } = options;
  try {
    for (let stepTime = first;; stepTime = Math.min(2 * stepTime, STEP_TIME)) {
      const end = await planning.step(stepBytes, stepTime);
      options.onStep?.(planning.batches);
      if (end !== "more") return end;
      if (options.isStopping?.()) return "stopped";
    }
  } catch (error) {
    if (error instanceof PlanUnwanted) return "stopped";
    throw error;
  } finally {
    planning.close();
  }
}

/** What a step writes. */
interface Step {
  readonly batches: PlannedBatch[];
  readonly deferred: DeferredRow[];
}

class Planning {
  readonly #ledger: Ledger;
  readonly #program: RunProgram;
  #register: KeyRegister | null = null;
  #reader: RowReader | null = null;
  /** The source's modification time on record when the reader was opened. */
  #openedTime: number | null = null;
  /** Where the last step ended; null before the first. */
  #position: PlanPosition | null = null;
  #nextNumber = 1;
  /** How many of the files that the reader has begun are noted in the ledger. */
  #noted = 0;

  constructor(ledger: Ledger, program: RunProgram) {
    this.#ledger = ledger;
    this.#program = program;
  }

  get #limits(): BatchLimits {
    const { batch_rows, batch_bytes } = this.#program.run.definition.options;
    return { rows: batch_rows, bytes: batch_bytes };
  }

  get batches(): number {
    return this.#nextNumber - 1;
  }

  /** One step, in a transaction. */
  step(stepBytes: number, stepTime: number): Promise<PlanEnd | "more"> {
    const { run, target } = this.#program;
    return withPlanLock(
      this.#ledger,
      run.id,
      target.names,
      (look) => this.#step(look, stepBytes, stepTime),
    );
  }

  async #step(look: PlanLook, stepBytes: number, stepTime: number): Promise<PlanEnd | "more"> {
    const ledger = this.#ledger;
    const { run, target } = this.#program;
    if (!look.locked) return "elsewhere";
    if (look.fingerprint !== target.fingerprint) return "table_changed";
    const now = await findRun(ledger, run.id);
    if (now?.status !== "processing" || now.error !== null) return "stopped";
    if (now.planned_at !== null) return "planned";
    const from = { bytes: now.planned_bytes, rows: now.planned_rows, lines: now.planned_lines };
    const isFirst = this.#position === null;
    const reader = await this.#readerAt(from, now);
    const step: Step = { batches: [], deferred: [] };
    const least = isFirst ? FIRST_BATCHES : 1;
    await this.#take(reader, step, { least, time: stepTime, end: from.bytes + stepBytes });
    const to = step.batches.length > 0 || reader.position.bytes > from.bytes
      ? reader.position
      : from;
    // Write to the run's own row last: from then on, a cancel has to wait for its lock.
    if (isFirst) await this.#noteProgram();
    await noteBegunParts(ledger, run.id, reader.begun.slice(this.#noted));
    this.#noted = reader.begun.length;
    if (
      to !== from && !await writePlanStep(ledger, run.id, from, to, step.batches, step.deferred)
    ) {
      return "stopped";
    }
    this.#position = to;
    if (!reader.atEnd) return "more";
    const search = secondPass(this.#program, this.#register);
    // The search takes a while, so it gets a step of its own: workers get the last batches first.
    if (search !== null && to !== from) return "more";
    await this.#program.supply.assertUnchanged(now);
    assertSameRows(now, to);
    await search?.(ledger, now, to);
    const empty = emptyBatch(now, this.batches, to);
    if (empty !== null && !await writePlanStep(ledger, run.id, to, to, [empty], [])) {
      return "stopped";
    }
    const identity = await reader.identify();
    const end = await finishPlanning(ledger, run.id, to, identity);
    if (end === "stopped") return end;
    await addWarnings(ledger, run.id, reader.notes);
    if (end === "repeated") await tellEarlierLoads(ledger, this.#program, { ...now, ...identity });
    return "planned";
  }

  close(): void {
    this.#reader?.close();
    this.#reader = null;
  }

  /**
   * A reader positioned where the run's plan ends. If another planner has extended the plan, this
   * one rebuilds the key register by reading the same rows again.
   */
  async #readerAt(position: PlanPosition, run: Run): Promise<RowReader> {
    const isThere = this.#position?.bytes === position.bytes;
    // The file may have been put back and the run resumed: the open file may be the old one.
    const isSame = this.#openedTime === run.source.mtime;
    if (this.#reader !== null && isThere && isSame) return this.#reader;
    this.close();
    const { hasher, supply } = this.#program;
    const isKnown = hasher !== null && await areKnownApart(this.#ledger, this.#program);
    this.#register = hasher === null || isKnown ? null : new KeyRegister(
      hasher,
      routesOf(this.#program).some(({ loadPlan }) => refusesDuplicates(loadPlan)),
      run.dry_run && !run.whole && !isInOrder(this.#program),
      run.source.size,
    );
    // Otherwise it was known when the run was created, or is not that of the bytes that are read.
    const identifies = run.fingerprint === null && run.source.encoding === "utf-8";
    const opened = await supply.open(this.#ledger, run, this.#register, this.#limits, identifies);
    const reader = this.#reader = new WatchedReader(opened, this.#ledger, run.id);
    this.#openedTime = run.source.mtime;
    this.#noted = 0;
    this.#nextNumber = 1 + await countPlanned(this.#ledger, run.id);
    while (reader.position.bytes < position.bytes) {
      const piece = await reader.next();
      if (piece === null) break;
      this.#register?.addAll(piece.hashed);
    }
    return reader;
  }

  /**
   * Makes batches from the reader's pieces until it reaches byte `end`. Stops earlier, once there
   * are at least `least` batches, after `time` milliseconds or when very many rows are deferred.
   */
  async #take(
    reader: RowReader,
    step: Step,
    { least, time, end }: { readonly least: number; readonly time: number; readonly end: number },
  ): Promise<void> {
    const deadline = performance.now() + time;
    const isEnough = () =>
      reader.position.bytes >= end ||
      (step.batches.length >= least &&
        (step.deferred.length >= STEP_WAITING_ROWS || performance.now() >= deadline));
    do {
      const piece = await reader.next();
      if (piece === null) return;
      if (piece.batch === null) continue;
      const waiting = this.#register?.addAll(piece.hashed) ?? [];
      for (const index of waiting) step.deferred.push(piece.row(index));
      const before = step.batches.at(-1);
      const joined = before && joinedBatch(before, piece, waiting.length, this.#limits);
      if (joined) step.batches[step.batches.length - 1] = joined;
      else {
        const number = this.#nextNumber++;
        step.batches.push({ ...piece.batch, number, deferred: waiting.length });
      }
    } while (!reader.atEnd && !isEnough());
  }

  async #noteProgram(): Promise<void> {
    const { run, warnings } = this.#program;
    await addWarnings(this.#ledger, run.id, warnings);
    await notePlannedKeys(this.#ledger, run.id, this.#program.keys);
    if (isInOrder(this.#program)) await setInOrder(this.#ledger, run.id);
    const filled = routesOf(this.#program).flatMap(({ loadPlan }) =>
      filledSequences(loadPlan.table, writtenColumns(loadPlan))
    );
    if (filled.length > 0) await setFilledSequences(this.#ledger, run.id, filled);
  }
}
