/**
 * The life of a batch: the one place where the stages meet. All of it is one transaction: the
 * rows in the target, their outcomes, the counts and the batch's state are there together or not
 * at all.
 */
import { type Batch, beginBatch, ClaimLost, completeBatch } from "../ledger/batches.ts";
import { writeBatchErrors } from "../ledger/batch_errors.ts";
import { deferRows, listKeysThatWait } from "../ledger/deferred.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { copyRows } from "../ledger/rows.ts";
import { phaseChangedSomething } from "../ledger/settle.ts";
import { loadRows } from "../load/load.ts";
import { encodeBatch } from "./encode.ts";
import { nameFirstRows } from "./first_rows.ts";
import type { RunProgram } from "./program.ts";
import { readBatch } from "./read_batch.ts";
import { type BatchTally, tallyBatch } from "./tally.ts";

export type BatchEnd =
  | { readonly done: true; readonly counts: BatchTally["counts"] }
  /** `taken`: another process has it. `run_stopped`: the run is cancelled or has failed. */
  | { readonly done: false; readonly because: "taken" | "run_stopped" };

/** Throws what is not the data's fault; then nothing of the batch is committed. */
export async function processBatch(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
): Promise<BatchEnd> {
  const startedAt = new Date();
  const hold = await beginBatch(ledger, batch);
  if (!hold.held) return { done: false, because: hold.because };
  try {
    const { cursor, elsewhere, waiting } = await readBatch(ledger, program, batch);
    const encoded = encodeBatch(
      cursor,
      program,
      batch.row_count,
      elsewhere,
      batch.phase > 1,
      await heldKeys(ledger, program, batch),
    );
    const loaded = await loadRows(ledger.session, program.loadPlan, encoded.good, program.history, {
      selfReferencesMayWait: await mayWait(ledger, program, batch),
    });
    await nameFirstRows(ledger, program, encoded, loaded, waiting);
    const tally = tallyBatch(program, batch, encoded, loaded);
    if (tally.log.length > 0) await copyRows(ledger, tally.log);
    await writeBatchErrors(ledger, batch, tally.groups);
    await deferRows(ledger, batch.run_id, batch.phase + 1, tally.waiting);
    await completeBatch(ledger, batch, tally.counts, startedAt);
    await ledger.query("commit");
    return { done: true, counts: tally.counts };
  } catch (error) {
    if (!ledger.session.lost) await ledger.query("rollback");
    if (error instanceof ClaimLost) return { done: false, because: "taken" };
    throw error;
  }
}

/** What rows of this phase that wait for the next one have as keys: later rows mustn't overtake them. */
async function heldKeys(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
): Promise<ReadonlySet<string>> {
  if (batch.phase === 1 || !refersToItself(program)) return new Set();
  return new Set(await listKeysThatWait(ledger, batch.run_id, batch.phase + 1));
}

function refersToItself(program: RunProgram): boolean {
  return program.loadPlan.table.foreignKeys.some((key) => key.toItself);
}

/** Rows that refer to missing rows of their own table wait, as long as waiting brings any of them on. */
async function mayWait(ledger: Ledger, program: RunProgram, batch: Batch): Promise<boolean> {
  if (!refersToItself(program)) return false;
  return batch.phase === 1 || await phaseChangedSomething(ledger, batch.run_id, batch.phase - 1);
}
