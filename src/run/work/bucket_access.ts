/**
 * Whether this thread can read what is stored in a bucket. A machine without credentials for it leaves
 * such runs to others, and tries again after a while.
 */
import { type Batch, releaseBatch } from "../../ledger/batches/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { addWarnings } from "../../ledger/runs/run_states.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { judgeFailure } from "./judge_failure.ts";
import { isInBucket } from "../../source/file/stored_at.ts";

/** Milliseconds. */
export const NEXT_TRY = 60_000;

let closedUntil = -Infinity;

export function readsBuckets(): boolean {
  return performance.now() >= closedUntil;
}

/** The rows of a retry are in the ledger. */
export function needsBucket({ source, parent_id }: Pick<Run, "source" | "parent_id">): boolean {
  return parent_id === null && isInBucket(source.path);
}

/** It has just been refused, for this reason. */
export async function leaveRun(ledger: Ledger, run: number, reason: string): Promise<void> {
  closedUntil = performance.now() + NEXT_TRY;
  await addWarnings(ledger, run, [
    `The machine ${Deno.hostname()} leaves the run to others, since it can't read the file: ${reason}`,
  ]);
}

/** The same of a batch that it has claimed, and tried in vain. */
export async function leaveBatch(
  connect: () => Promise<Ledger>,
  batch: Batch,
  reason: string,
): Promise<void> {
  try {
    const ledger = await connect();
    await leaveRun(ledger, batch.run_id, reason);
    await releaseBatch(ledger, batch);
  } catch (error) {
    // Not given back: it will be found as abandoned.
    if (judgeFailure(error).kind !== "lost") throw error;
  }
}
