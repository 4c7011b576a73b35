/**
 * Plans an undo: goes through the tables, finds the rows that the run has written, and cuts them into
 * batches. Each step is a transaction, as with imports, so that workers begin while the rest is still
 * looked through, and another process can go on.
 */
import { tableNames } from "../../importer/routes/routes.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { finishPlanning, withPlanLock } from "../../ledger/batches/plan.ts";
import { findRun, type Run } from "../../ledger/runs/runs.ts";
import { lastBatchNumber, writeUndoStep } from "../../ledger/undo/undo_batches.ts";
import { writeLostRows } from "./lost_rows.ts";
import { Walk } from "./walk_tables.ts";

export type UndoPlanEnd =
  | "planned"
  /** The run was cancelled or has failed, or the planner was told to stop. */
  | "stopped"
  | "elsewhere";

export interface UndoPlanOptions {
  onStep?(batches: number): void;
  isStopping?(): boolean;
  /** How long a step takes, in milliseconds. */
  readonly stepTime?: number;
  /** How many pieces of the table are counted with one statement. */
  readonly pieces?: number;
}

/** Counted with one statement: 64 MB. */
const PIECES = 32;
/** A step ends after this many milliseconds. */
const STEP_TIME = 250;

export async function planUndo(
  ledger: Ledger,
  run: Run,
  options: UndoPlanOptions = {},
): Promise<UndoPlanEnd> {
  for (;;) {
    const end = await withPlanLock(
      ledger,
      run.id,
      tableNames(run.definition),
      ({ locked }) =>
        locked ? step(ledger, run.id, options) : Promise.resolve("elsewhere" as const),
      run.settings,
    );
    options.onStep?.(await lastBatchNumber(ledger, run.id));
    if (end !== "more") return end;
    if (options.isStopping?.()) return "stopped";
  }
}

async function step(
  ledger: Ledger,
  id: number,
  { stepTime = STEP_TIME, pieces = PIECES }: UndoPlanOptions,
): Promise<"more" | "planned" | "stopped"> {
  const run = await findRun(ledger, id);
  if (run?.status !== "processing" || run.error !== null) return "stopped";
  if (run.planned_at !== null) return "planned";
  const walk = new Walk(ledger, run, await lastBatchNumber(ledger, id), pieces);
  const deadline = performance.now() + stepTime;
  do await walk.goOn(); while (!walk.atEnd && performance.now() < deadline);
  if (walk.atEnd) await walk.addRest();
  const from = { bytes: run.planned_bytes, rows: run.planned_rows, lines: run.planned_lines };
  if (!await writeUndoStep(ledger, id, from, walk.position, walk.batches)) return "stopped";
  if (!walk.atEnd) return "more";
  const lost = await writeLostRows(ledger, run, walk.position, walk.nextNumber, walk);
  const end = { ...walk.position, rows: walk.position.rows + lost };
  return await finishPlanning(ledger, id, end, null) ? "planned" : "stopped";
}
