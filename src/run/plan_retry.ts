/**
 * Plans a retry: finds the failed rows that are still unresolved, in file order, and cuts them
 * into batches. In steps, each one transaction, as `planRun` does it for a file: of a million
 * rows, the first are loaded before the last are taken.
 */
import { crc32 } from "node:zlib";
import type { EarlierRows } from "../batch/earlier_rows.ts";
import type { DuplicateSearch } from "../batch/duplicate_search.ts";
import { KeyRegister } from "../batch/register.ts";
import { type DeferredRow, writeEarlierRows, writeFirstRows } from "../ledger/deferred.ts";
import type { Ledger } from "../ledger/ledger.ts";
import {
  finishPlanning,
  type PlannedBatch,
  type PlanPosition,
  tryPlanLock,
  writePlanStep,
} from "../ledger/plan.ts";
import {
  listPlannedRows,
  listUnresolved,
  type PlannedRows,
  readTaken,
  type UnresolvedRow,
} from "../ledger/retried_rows.ts";
import type { Retry } from "../ledger/retries.ts";
import { addWarnings, setInOrder } from "../ledger/run_states.ts";
import { findRun } from "../ledger/runs.ts";
import { onlyInserts } from "../load/plan.ts";
import { ScatteredRecords } from "../source/scattered.ts";
import { FIRST_STEP_TIME, nextStepTime, type PlanEnd, type PlanOptions } from "./plan_run.ts";
import type { RunProgram } from "./program.ts";
import { isInOrder } from "./sequence.ts";

/** A step ends early when so many rows of it wait. */
const STEP_WAITING_ROWS = 100_000;
/** Batches whose ranges are read from the ledger at once. */
const PAGE = 1000;

export async function planRetry(
  ledger: Ledger,
  program: RunProgram,
  retry: Retry,
  options: Pick<PlanOptions, "onStep" | "isStopping"> & { readonly stepTime?: number } = {},
): Promise<PlanEnd> {
  const planner = new RetryPlanner(ledger, program, retry);
  const first = options.stepTime ?? FIRST_STEP_TIME;
  for (let stepTime = first;; stepTime = nextStepTime(stepTime)) {
    const end = await ledger.transaction(() => planner.step(stepTime));
    options.onStep?.(planner.batches);
    if (end !== "more") return end;
    if (options.isStopping?.()) return "stopped";
  }
}

class RetryPlanner {
  readonly #ledger: Ledger;
  readonly #program: RunProgram;
  readonly #retry: Retry;
  #register: KeyRegister | null = null;
  #position: PlanPosition | null = null;
  #nextNumber = 1;
  /** The last row that was planned. */
  #lastRow = 0;
  /** No unresolved row is left behind it. */
  #atEnd = false;

  constructor(ledger: Ledger, program: RunProgram, retry: Retry) {
    this.#ledger = ledger;
    this.#program = program;
    this.#retry = retry;
  }

  get batches(): number {
    return this.#nextNumber - 1;
  }

  /** One step, inside its transaction. */
  async step(stepTime: number): Promise<PlanEnd | "more"> {
    const ledger = this.#ledger;
    const { run, warnings } = this.#program;
    if (!await tryPlanLock(ledger, run.id)) return "elsewhere";
    await ledger.walkTheIndex();
    const now = await findRun(ledger, run.id);
    if (now?.status !== "processing" || now.error !== null) return "stopped";
    if (now.planned_at !== null) return "planned";
    const from = { bytes: now.planned_bytes, rows: now.planned_rows, lines: now.planned_lines };
    if (this.#position === null) {
      await addWarnings(ledger, run.id, warnings);
      if (isInOrder(this.#program)) await setInOrder(ledger, run.id);
    }
    if (this.#position?.bytes !== from.bytes) await this.#goOnFromPlanned();
    const found: Found = { batches: [], deferred: [] };
    const to = await this.#take(from, stepTime, found);
    if (!await writePlanStep(ledger, run.id, from, to, found.batches, found.deferred)) {
      return "stopped";
    }
    this.#position = to;
    if (!this.#atEnd) return "more";
    const duplicates = this.#register?.duplicateSearch() ?? null;
    const earlier = this.#register?.earlierRows() ?? null;
    // It takes a while: workers get the last batches before it, with a step of its own.
    if ((duplicates ?? earlier) !== null && from.bytes < to.bytes) return "more";
    await this.#lookAgain(duplicates, earlier);
    return await finishPlanning(ledger, run.id, to) ? "planned" : "stopped";
  }

  /** Begins where another planner has come to, knowing the keys that it has seen. */
  async #goOnFromPlanned(): Promise<void> {
    const { hasher, loadPlan } = this.#program;
    // Only where rows fail as duplicates is it told which row came first.
    this.#register = hasher
      ? new KeyRegister(
        hasher,
        onlyInserts(loadPlan),
        this.#retry.dryRun && !isInOrder(this.#program),
      )
      : null;
    this.#nextNumber = 1;
    this.#lastRow = 0;
    this.#atEnd = false;
    for await (const batch of this.#plannedBatches()) {
      this.#nextNumber = batch.number + 1;
      this.#lastRow = batch.last_row;
      if (this.#register !== null) this.#registerKeys(await this.#records(batch), () => {});
    }
  }

  /** Takes rows and cuts batches from them, until the time is up or enough of them wait. */
  async #take(from: PlanPosition, stepTime: number, found: Found): Promise<PlanPosition> {
    const deadline = performance.now() + stepTime;
    const { batch_rows, batch_bytes } = this.#program.run.definition.options;
    let { bytes, rows, lines } = from;
    do {
      const unresolved = await listUnresolved(
        this.#ledger,
        this.#retry,
        this.#lastRow,
        batch_rows,
      );
      const taken = cutRows(unresolved, batch_bytes);
      this.#atEnd = taken.length === unresolved.length && unresolved.length < batch_rows;
      if (taken.length === 0) break;
      const first = taken[0];
      const last = taken[taken.length - 1];
      const range = { first_row: first.row_number, last_row: last.row_number };
      const waitingBefore = found.deferred.length;
      if (this.#register !== null) {
        this.#registerKeys(await this.#records(range), (row) => found.deferred.push(row));
      }
      const size = taken.reduce((sum, row) => sum + row.bytes, 0);
      found.batches.push({
        number: this.#nextNumber++,
        firstRow: first.row_number,
        lastRow: last.row_number,
        rows: taken.length,
        firstLine: first.line,
        byteStart: bytes,
        byteEnd: bytes + size,
        checksum: null,
        deferred: found.deferred.length - waitingBefore,
      });
      bytes += size;
      rows += taken.length;
      lines = last.line;
      this.#lastRow = last.row_number;
    } while (
      !this.#atEnd && performance.now() < deadline && found.deferred.length < STEP_WAITING_ROWS
    );
    return { bytes, rows, lines };
  }

  /** Notes the keys of rows; tells of those of which one was seen before. */
  #registerKeys(records: ScatteredRecords, onWaiting: (row: DeferredRow) => void): void {
    while (records.next()) {
      if (records.defect !== null || !this.#register?.add(records)) continue;
      onWaiting(deferral(records));
    }
  }

  /**
   * A second pass over the rows. For messages: where did the keys of those that wait occur first?
   * And for a dry run: which have to be loaded again before those that wait?
   */
  async #lookAgain(
    duplicates: DuplicateSearch | null,
    earlier: EarlierRows | null,
  ): Promise<void> {
    const { hasher } = this.#program;
    if (hasher === null || (duplicates === null && earlier === null)) return;
    for await (const records of this.#plannedRecords()) {
      const found: DeferredRow[] = [];
      while (records.next()) {
        if (records.defect !== null) continue;
        const hashed = { hashes: hasher.hash(records), record: () => records };
        if (duplicates !== null && !duplicates.done) duplicates.look(hashed, 0);
        if (earlier?.includes(hashed, 0)) found.push(deferral(records));
      }
      await writeEarlierRows(this.#ledger, this.#retry.id, found);
      if (earlier === null && duplicates?.done) break;
    }
    if (duplicates !== null) await writeFirstRows(this.#ledger, this.#retry.id, duplicates.found);
  }

  async #records(
    { first_row, last_row }: Pick<PlannedRows, "first_row" | "last_row">,
  ): Promise<ScatteredRecords> {
    const { source, header } = this.#program.run;
    const rows = await readTaken(this.#ledger, this.#retry, first_row, last_row);
    return new ScatteredRecords(rows, source.format, header.length);
  }

  /** All that was planned, in file order, batch by batch. */
  async *#plannedRecords(): AsyncGenerator<ScatteredRecords> {
    for await (const batch of this.#plannedBatches()) yield await this.#records(batch);
  }

  async *#plannedBatches(): AsyncGenerator<PlannedRows> {
    let page: readonly PlannedRows[];
    let after = 0;
    do {
      page = await listPlannedRows(this.#ledger, this.#retry, after, PAGE);
      yield* page;
      after = page.at(-1)?.number ?? after;
    } while (page.length === PAGE);
  }
}

function deferral(records: ScatteredRecords): DeferredRow {
  return {
    rowNumber: records.row,
    line: records.line,
    // It is read by its number; only how long it is counts.
    byteStart: 0,
    byteEnd: records.end - records.start,
    checksum: crc32(records.bytes.subarray(records.start, records.end)),
    keys: [],
  };
}

/** What a step writes. */
interface Found {
  readonly batches: PlannedBatch[];
  readonly deferred: DeferredRow[];
}

/** As many rows as a batch may have bytes; one in any case. */
export function cutRows(
  rows: readonly UnresolvedRow[],
  maxBytes: number,
): readonly UnresolvedRow[] {
  let bytes = 0;
  const end = rows.findIndex((row, i) => (bytes += row.bytes) > maxBytes && i > 0);
  return end === -1 ? rows : rows.slice(0, end);
}
