/** Runs that end before all of their batches are done. */
import { type Batch, giveUpBatch } from "../../ledger/batches/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { tooManyErrors } from "../../ledger/batches/max_errors.ts";
import { readProgress } from "../../ledger/runs/progress.ts";
import { requestFailure } from "../../ledger/runs/run_states.ts";
import { findRun } from "../../ledger/runs/runs.ts";
import type { RunProgram } from "../program.ts";
import { settleRun } from "../settle_run.ts";

/** For a run that ends in any case and opens no next phase. */
export const NO_BATCHES = { rows: 1, bytes: 1 };

/** Makes the run fail if more rows have failed than its definition allows. */
export async function failIfTooManyErrors(ledger: Ledger, program: RunProgram): Promise<void> {
  // Read again: `resume` may have raised the limit.
  const run = await findRun(ledger, program.run.id);
  const limit = run?.definition.options.max_errors ?? null;
  if (limit === null) return;
  const failure = tooManyErrors(limit, await readProgress(ledger, program.run.id));
  if (failure !== null) await requestFailure(ledger, program.run.id, failure);
}

/** Marks a batch that kills every process that loads it, and ends its run. */
export async function giveUp(ledger: Ledger, batch: Batch): Promise<void> {
  if (!await giveUpBatch(ledger, batch)) return;
  await settleRun(ledger, batch.run_id, NO_BATCHES);
}
