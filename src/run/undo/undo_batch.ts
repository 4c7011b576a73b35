/** The life of an undo's batch: all in one transaction, like that of an import's. */
import { type Batch, ClaimLost } from "../../ledger/batches/batches.ts";
import { beginBatch, isGone } from "../../ledger/batches/begin_batch.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { listUndoTables } from "../../ledger/runs/chain_writes.ts";
import { completeUndoBatch, PHASES, type UndoCounts } from "../../ledger/undo/undo_batches.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import { readUndoSource, type UndoSource } from "../undo_source.ts";
import { putBackDeleted } from "./deleted_rows.ts";
import { giveBackOldValues } from "./old_values.ts";
import { keepChangedRows } from "./changed_rows.ts";
import { takeBackRows } from "./created_rows.ts";

export type UndoBatchEnd = "done" | "taken" | "run_stopped";

/** Throws errors that no row has caused; then nothing of the batch is committed. */
export async function undoBatch(ledger: Ledger, batch: Batch): Promise<UndoBatchEnd> {
  const run = await requireRun(ledger, batch.run_id);
  const hold = await beginBatch(ledger, batch, null, run.settings);
  if (!hold.held) return hold.because === "taken" ? "taken" : "run_stopped";
  try {
    const source = await sourceOf(ledger, run, batch);
    const counts = await work(ledger, run, batch, source);
    await completeUndoBatch(ledger, batch, counts, source.label);
    await ledger.query("commit");
    return "done";
  } catch (error) {
    if (!ledger.session.lost) await ledger.query("rollback");
    if (error instanceof ClaimLost) return "taken";
    throw isGone(error) ? goneMeanwhile(run, error) : error;
  }
}

async function work(
  ledger: Ledger,
  run: Run,
  batch: Batch,
  source: UndoSource,
): Promise<UndoCounts> {
  switch (batch.phase) {
    case PHASES.created:
    case PHASES.referred:
      return await takeBackRows(ledger, run, batch, source);
    case PHASES.oldValues:
      return await giveBackOldValues(ledger, run, batch, source);
    case PHASES.deleted:
      return await putBackDeleted(ledger, run, batch, source);
    default:
      return await keepChangedRows(ledger, run, batch, source);
  }
}

/** Of the table that the batch's rows are in. */
async function sourceOf(ledger: Ledger, run: Run, batch: Batch): Promise<UndoSource> {
  const scope = run.source.undo ?? { leaves: [], unsure: [] };
  const leaf = scope.leaves.find(({ relation }) => relation === batch.relation);
  const relation = leaf?.table ?? batch.relation;
  const tables = await listUndoTables(ledger, run.undoes_run_id!);
  const table = tables.find((each) => each.relation === relation);
  const source = table && await readUndoSource(ledger, run.undoes_run_id!, table, scope);
  if (!source) throw goneMeanwhile(run);
  return source;
}

function goneMeanwhile(run: Run, cause?: unknown): TargetError {
  const error = new TargetError(
    `The table ${run.definition.table}, or a part of it, was dropped or altered during the undo. ` +
      "What is taken back stays so. To go on with the rest: " +
      `ingest resume ${run.id}`,
  );
  error.cause = cause;
  return error;
}
