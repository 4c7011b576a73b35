/** The program of a claimed batch: the one that its worker has, or a new one. */
import { releaseBatch } from "../../ledger/batches/batches.ts";
import { holdBatch } from "../../ledger/batches/begin_batch.ts";
import type { ClaimedBatch } from "../../ledger/batches/claim_batch.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { setInOrder } from "../../ledger/runs/run_states.ts";
import { findRun, type Run } from "../../ledger/runs/runs.ts";
import type { RunProgram } from "../program.ts";
import { isInOrder } from "../sequence.ts";
import type { Programs } from "./programs.ts";

export interface Preparing {
  prepare(run: Run): Promise<RunProgram>;
  /** The table has changed since. */
  readonly again: boolean;
}

/** Null: the batch was given back, and has to be claimed again. */
export async function programFor(
  ledger: Ledger,
  batch: ClaimedBatch,
  programs: Programs,
  { prepare, again }: Preparing,
): Promise<RunProgram | null> {
  programs.forget(batch.run_identity);
  const run = await findRun(ledger, batch.run_id);
  if (run === null) {
    throw new Error(`Run ${batch.run_id} was deleted while a worker was working on it`);
  }
  const planned = again ? null : programs.take(run);
  if (planned !== null) {
    programs.keep(batch.run_identity, planned);
    return planned;
  }
  // Reading the catalog may have to wait, and a batch without its lock looks abandoned.
  const program = await holdBatch(ledger, batch, run.settings, () => prepare(run));
  programs.keep(batch.run_identity, program);
  if (!again && !program.replanned) return program;
  // Now the batches of the run may have to wait for each other.
  if (isInOrder(program)) await setInOrder(ledger, run.id);
  await releaseBatch(ledger, batch);
  return null;
}
