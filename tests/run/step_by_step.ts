/** Works on a run in this process, batch by batch: for tests of what happens between two of them. */
import assert from "node:assert/strict";
import { claimBatch } from "../../src/ledger/batches/claim_batch.ts";
import { requestCancel, startRun } from "../../src/ledger/runs/run_states.ts";
import { requireRun, type Run } from "../../src/ledger/runs/runs.ts";
import { batchSizeOf } from "../../src/ledger/batches/next_phase.ts";
import { settle } from "../../src/ledger/runs/settle.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { processBatch } from "../../src/run/process/process_batch.ts";
import { Rehearsal } from "../../src/run/process/rehearsal.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import type { Workshop } from "./importing.ts";

export async function oneBatch({ ledger, session }: Workshop, run: Run): Promise<void> {
  const program = await prepareRun(session, run, "ingest");
  const batch = await claimBatch(ledger, "fresh", "test", { run: run.id });
  assert.ok((await processBatch(ledger, program, batch!, new Rehearsal())).done);
}

export interface Interruption {
  /** How many batches are loaded before. */
  readonly loaded: number;
  /** Planning stops after the first step, which has this many bytes. */
  readonly stepBytes?: number;
}

/** Works on the run for a while, then cancels it. */
export async function interrupt(
  shop: Workshop,
  run: Run,
  { loaded, stepBytes }: Interruption,
): Promise<Run> {
  const { ledger, session } = shop;
  const size = batchSizeOf(run.definition);
  await startRun(ledger, run.id);
  const program = await prepareRun(session, run, "ingest");
  await planRun(ledger, program, { stepBytes, isStopping: () => stepBytes !== undefined });
  for (let i = 0; i < loaded; i++) await oneBatch(shop, run);
  // Opens the second phase where the first one is done.
  await settle(ledger, run.id, size);
  await requestCancel(ledger, run.id, "tester");
  await settle(ledger, run.id, size);
  const now = await requireRun(ledger, run.id);
  assert.equal(now.status, "cancelled");
  return now;
}
