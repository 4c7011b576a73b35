/**
 * Plans a retry: finds the failed rows that are still unresolved, in file order, and cuts them
 * into batches. In steps, each one transaction, as `planRun` does it for a file: of a million
 * rows, the first are loaded before the last are taken.
 */
import { crc32 } from "node:zlib";
import type { EarlierRows } from "../../keys/earlier_rows.ts";
import type { DuplicateSearch } from "../../keys/duplicate_search.ts";
import { KeyRegister } from "../../keys/register.ts";
import { FoundScanner } from "../../kernel/found_scanner.ts";
import type { ScannedKeys } from "../../kernel/hashed_keys.ts";
import { type DeferredRow, writeEarlierRows, writeFirstRows } from "../../ledger/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import {
  finishPlanning,
  type PlannedBatch,
  type PlanPosition,
  tryPlanLock,
  writePlanStep,
} from "../../ledger/plan.ts";
import {
  listPlannedRows,
  type PlannedRows,
  readTaken,
  readUnresolved,
} from "../../ledger/retried_rows.ts";
import type { Retry } from "../../ledger/retries.ts";
import { addWarnings, setInOrder } from "../../ledger/run_states.ts";
import { findRun } from "../../ledger/runs.ts";
import { onlyInserts } from "../../load/plan.ts";
import { firstRecords, type FoundRecords } from "../../source/found.ts";
import { FIRST_STEP_TIME, nextStepTime, type PlanEnd, type PlanOptions } from "./plan_run.ts";
import type { RunProgram } from "../program.ts";
import { isInOrder } from "../sequence.ts";

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
  #scanner: FoundScanner | null = null;
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
    this.#scanner = this.#register && this.#scannerOf(this.#register);
    this.#nextNumber = 1;
    this.#lastRow = 0;
    this.#atEnd = false;
    for await (const batch of this.#plannedBatches()) {
      this.#nextNumber = batch.number + 1;
      this.#lastRow = batch.last_row;
      if (this.#register !== null) this.#registerKeys(await this.#records(batch));
    }
  }

  /** Takes rows and cuts batches from them, until the time is up or enough of them wait. */
  async #take(from: PlanPosition, stepTime: number, found: Found): Promise<PlanPosition> {
    const deadline = performance.now() + stepTime;
    const { batch_rows, batch_bytes } = this.#program.run.definition.options;
    const page = { rows: batch_rows, bytes: batch_bytes };
    let { bytes, rows, lines } = from;
    do {
      const unresolved = await readUnresolved(this.#ledger, this.#retry, this.#lastRow, page);
      const { count, size } = cutRows(unresolved, batch_bytes);
      // What is behind a row that is longer than a batch was not asked for.
      this.#atEnd = count === unresolved.count && count < batch_rows && size <= batch_bytes;
      if (count === 0) break;
      const taken = firstRecords(unresolved, count);
      const { rowNumbers } = taken;
      const waiting = this.#registerKeys(taken);
      for (const row of waiting) found.deferred.push(row);
      found.batches.push({
        number: this.#nextNumber++,
        firstRow: rowNumbers[0],
        lastRow: rowNumbers[count - 1],
        rows: count,
        firstLine: taken.lines[0],
        byteStart: bytes,
        byteEnd: bytes + size,
        checksum: null,
        deferred: waiting.length,
      });
      bytes += size;
      rows += count;
      lines = taken.lines[count - 1];
      this.#lastRow = rowNumbers[count - 1];
    } while (
      !this.#atEnd && performance.now() < deadline && found.deferred.length < STEP_WAITING_ROWS
    );
    return { bytes, rows, lines };
  }

  #scannerOf(keys: ScannedKeys): FoundScanner {
    const { source, header } = this.#program.run;
    return new FoundScanner(source.format, header.length, keys);
  }

  /** Notes the keys of rows; returns those of which one was seen before. */
  #registerKeys(records: FoundRecords): DeferredRow[] {
    if (this.#register === null || this.#scanner === null) return [];
    this.#scanner.scan(records);
    return this.#register.addAll(this.#scanner).map((record) => deferral(records, record));
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
    const scanner = this.#scannerOf({
      keys: hasher.described,
      hash: (record) => hasher.hash(record),
    });
    for await (const batch of this.#plannedBatches()) {
      const records = await this.#records(batch);
      scanner.scan(records);
      const found: DeferredRow[] = [];
      for (let record = 0; record < records.count; record++) {
        if (duplicates !== null && !duplicates.done) duplicates.look(scanner, record);
        if (earlier?.includes(scanner, record)) found.push(deferral(records, record));
      }
      await writeEarlierRows(this.#ledger, this.#retry.id, found);
      if (earlier === null && duplicates?.done) break;
    }
    if (duplicates !== null) await writeFirstRows(this.#ledger, this.#retry.id, duplicates.found);
  }

  #records({ first_row, last_row }: PlannedRows): Promise<FoundRecords> {
    return readTaken(this.#ledger, this.#retry, first_row, last_row);
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

function deferral(records: FoundRecords, record: number): DeferredRow {
  const [start, end] = [records.starts[record], records.ends[record]];
  return {
    rowNumber: records.rowNumbers[record],
    line: records.lines[record],
    // It is read by its number; only how long it is counts.
    byteStart: 0,
    byteEnd: end - start,
    checksum: crc32(records.bytes.subarray(start, end)),
    keys: [],
  };
}

/** What a step writes. */
interface Found {
  readonly batches: PlannedBatch[];
  readonly deferred: DeferredRow[];
}

/** As many of the records as a batch may have bytes, one in any case; and how many bytes they have. */
export function cutRows(
  { count, starts, ends }: Pick<FoundRecords, "count" | "starts" | "ends">,
  maxBytes: number,
): { readonly count: number; readonly size: number } {
  let size = 0;
  for (let record = 0; record < count; record++) {
    const length = ends[record] - starts[record];
    if (size + length > maxBytes && record > 0) return { count: record, size };
    size += length;
  }
  return { count, size };
}
