/**
 * Plans a run: one pass over its bytes that cuts them into batches and finds the rows that have
 * to wait for others. In steps, each one transaction, so that workers begin with the first
 * batches meanwhile and another process can go on where this one stopped.
 */
import { crc32 } from "node:zlib";
import { KeyRegister } from "../../keys/register.ts";
import { type Cut, Scanner } from "../../kernel/scanner.ts";
import type { DeferredRow } from "../../ledger/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import {
  assertPlanWanted,
  finishPlanning,
  type PlannedBatch,
  type PlanPosition,
  PlanUnwanted,
  tryPlanLock,
  writePlanStep,
} from "../../ledger/plan.ts";
import { addWarnings, setInOrder } from "../../ledger/run_states.ts";
import { findRun, type Run } from "../../ledger/runs.ts";
import { onlyInserts } from "../../load/plan.ts";
import { assertUnchanged } from "../../source/unchanged.ts";
import { findFirstRows } from "./find_first_rows.ts";
import type { RunProgram } from "../program.ts";
import { isInOrder } from "../sequence.ts";
import { SourceWindow } from "./source_window.ts";

/** Bytes planned in one transaction. */
const STEP_BYTES = 64_000_000;
/**
 * A step ends early after so many milliseconds: workers wait for its batches, at the beginning
 * and whenever they are faster than the planner. The first one, which all of them wait for, is
 * short, and each may take twice as long as the one before.
 */
export const FIRST_STEP_TIME = 25;
const STEP_TIME = 250;

export function nextStepTime(stepTime: number): number {
  return Math.min(2 * stepTime, STEP_TIME);
}

/** The first step has so many batches in any case: fewer, and workers would wait for the second. */
const FIRST_BATCHES = 2;
const WINDOW_BYTES = 8_000_000;
/** A step ends when so many rows of it wait: a file may hold the same key millions of times. */
const STEP_WAITING_ROWS = 100_000;

export type PlanEnd =
  | "planned"
  /** Another process is at it. */
  | "elsewhere"
  /** The run was cancelled or has failed. */
  | "stopped";

export interface PlanOptions {
  readonly stepBytes?: number;
  /** New batches are committed; so many are planned now, as far as this planner knows. */
  onStep?(batches: number): void;
  /** Asked between steps: the rest is left to whoever comes next. */
  isStopping?(): boolean;
}

export async function planRun(
  ledger: Ledger,
  program: RunProgram,
  options: PlanOptions = {},
): Promise<PlanEnd> {
  const planner = new Planner(ledger, program);
  try {
    const stepBytes = options.stepBytes ?? STEP_BYTES;
    for (let stepTime = FIRST_STEP_TIME;; stepTime = nextStepTime(stepTime)) {
      const end = await ledger.transaction(() => planner.step(stepBytes, stepTime));
      options.onStep?.(planner.batches);
      if (end !== "more") return end;
      if (options.isStopping?.()) return "stopped";
    }
  } catch (error) {
    if (error instanceof PlanUnwanted) return "stopped";
    throw error;
  } finally {
    planner.close();
  }
}

class Planner {
  readonly #ledger: Ledger;
  readonly #program: RunProgram;
  #register: KeyRegister | null = null;
  #scanner!: Scanner;
  #window: SourceWindow | null = null;
  /** The modification time on record when the window was opened. */
  #openedTime: number | null = null;
  /** Where the window's next batch begins, as an index into its bytes. */
  #start = 0;
  #position: PlanPosition | null = null;
  #nextNumber = 1;

  constructor(ledger: Ledger, program: RunProgram) {
    this.#ledger = ledger;
    this.#program = program;
  }

  get batches(): number {
    return this.#nextNumber - 1;
  }

  /** One step, inside its transaction. */
  async step(stepBytes: number, stepTime: number): Promise<PlanEnd | "more"> {
    const ledger = this.#ledger;
    const { run, warnings } = this.#program;
    if (!await tryPlanLock(ledger, run.id)) return "elsewhere";
    const now = await findRun(ledger, run.id);
    if (now?.status !== "processing" || now.error !== null) return "stopped";
    if (now.planned_at !== null) return "planned";
    const from = { bytes: now.planned_bytes, rows: now.planned_rows, lines: now.planned_lines };
    const isFirst = this.#position === null;
    const isElsewhere = this.#position?.bytes !== from.bytes;
    // Somebody has put the file back and resumed: what is open here may be the old one.
    const isOther = this.#openedTime !== now.source.mtime;
    if (isElsewhere || isOther) await this.#goTo(from, now);
    const found: Found = { batches: [], deferred: [] };
    const end = Math.min(from.bytes + stepBytes, run.source.size);
    const least = isFirst ? FIRST_BATCHES : 1;
    const to = await this.#scan(from, end, found, { least, time: stepTime });
    // The run's row is written to last: whoever cancels the run would have to wait for it.
    if (isFirst) {
      await addWarnings(ledger, run.id, warnings);
      if (isInOrder(this.#program)) await setInOrder(ledger, run.id);
    }
    const isAtEnd = from.bytes === run.source.size;
    if (
      !isAtEnd && !await writePlanStep(ledger, run.id, from, to, found.batches, found.deferred)
    ) return "stopped";
    this.#position = to;
    if (to.bytes < run.source.size) return "more";
    const duplicates = this.#register?.duplicateSearch() ?? null;
    const earlier = this.#register?.earlierRows() ?? null;
    // It takes a while: workers get the last batches before it, with a step of its own.
    if ((duplicates ?? earlier) !== null && !isAtEnd) return "more";
    await assertUnchanged(now.source);
    await findFirstRows(this.#ledger, this.#program, { duplicates, earlier });
    return await finishPlanning(ledger, run.id, to) ? "planned" : "stopped";
  }

  close(): void {
    this.#window?.close();
    this.#window = null;
  }

  /**
   * Begins at a position that another planner has reached: what its register knew is found
   * again by reading the same bytes.
   */
  async #goTo(position: PlanPosition, run: Run): Promise<void> {
    this.close();
    const { source } = run;
    this.#register = this.#program.hasher
      ? new KeyRegister(
        this.#program.hasher,
        this.#namesDuplicates(),
        this.#program.run.dry_run && !isInOrder(this.#program),
      )
      : null;
    const { batch_rows, batch_bytes } = run.definition.options;
    this.#scanner = new Scanner(
      source.format,
      this.#program.run.header.length,
      this.#register,
      { rows: batch_rows, bytes: batch_bytes },
      WINDOW_BYTES,
    );
    this.#window = await SourceWindow.open(
      source.path,
      source.data_start,
      source.size,
      this.#scanner,
    );
    this.#openedTime = source.mtime;
    this.#start = 0;
    this.#nextNumber = 1;
    const beginning = { bytes: source.data_start, rows: 0, lines: source.data_line - 1 };
    if (position.bytes === beginning.bytes) return;
    await this.#scan(beginning, position.bytes, null);
  }

  /** Does a row that fails as a duplicate say which row of the file came first? */
  #namesDuplicates(): boolean {
    return onlyInserts(this.#program.loadPlan);
  }

  /**
   * Cuts batches from `from` until `end` is reached, or the time (in milliseconds) is up and there
   * are so many at least, or very many rows wait; and collects them and the rows that wait. Null:
   * up to `end`, they are all known already.
   */
  async #scan(
    from: PlanPosition,
    end: number,
    found: Found | null,
    enough: { readonly least: number; readonly time: number } = { least: 1, time: Infinity },
  ): Promise<PlanPosition> {
    const deadline = performance.now() + enough.time;
    const isEnough = () =>
      found !== null && found.batches.length >= enough.least &&
      (found.deferred.length >= STEP_WAITING_ROWS || performance.now() >= deadline);
    const window = this.#window!;
    let { bytes, rows, lines } = from;
    while (bytes < end && !isEnough()) {
      const cut = this.#scanner.cut(this.#start, window.length, window.isLast, rows + 1);
      if (cut === null) {
        await window.moveOn(this.#start);
        await assertPlanWanted(this.#ledger, this.#program.run.id);
        this.#start = 0;
        continue;
      }
      const piece = window.bytes.subarray(cut.start, cut.end);
      if (cut.rows > 0) {
        const waiting = this.#registerKeys(cut, bytes, rows, lines);
        const number = this.#nextNumber++;
        for (const row of waiting) found?.deferred.push(row);
        found?.batches.push({
          number,
          firstRow: rows + 1,
          lastRow: rows + cut.rows,
          firstLine: lines + 1,
          byteStart: bytes,
          byteEnd: bytes + piece.length,
          checksum: checksum(piece),
          deferred: waiting.length,
        });
      }
      bytes += piece.length;
      rows += cut.rows;
      lines += cut.lines;
      this.#start = cut.end;
    }
    return { bytes, rows, lines };
  }

  /** Notes the keys of a batch's rows; returns the rows of which one was seen before. */
  #registerKeys({ start }: Cut, offset: number, rows: number, lines: number): DeferredRow[] {
    const scanner = this.#scanner;
    if (this.#register === null) return [];
    return this.#register.addAll(scanner).map((index) => {
      const place = scanner.place(index);
      return {
        rowNumber: rows + 1 + index,
        line: lines + 1 + place.line,
        byteStart: offset + place.start - start,
        byteEnd: offset + place.end - start,
        checksum: crc32(scanner.window.subarray(place.start, place.end)),
        keys: [],
      };
    });
  }
}

/** What a step writes. */
interface Found {
  readonly batches: PlannedBatch[];
  readonly deferred: DeferredRow[];
}

/**
 * CRC-32 in hex: a million rows in 0.01 s, where SHA-256 took 0.09, for the planner and once more
 * for the workers. It is to notice that a file was changed meanwhile, not to keep out a forger.
 */
export function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0");
}
