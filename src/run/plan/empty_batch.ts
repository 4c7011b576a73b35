import type { PlannedBatch, PlanPosition } from "../../ledger/batches/plan.ts";
import { retryOf } from "../../ledger/runs/retries.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { checksum } from "../supply/checksum.ts";

/**
 * For a file without rows, where something becomes of rows that it doesn't have: without a batch, no
 * worker would look. Null if there are rows, or nothing becomes of any.
 */
export function emptyBatch(run: Run, planned: number, to: PlanPosition): PlannedBatch | null {
  if (planned > 0 || run.definition.on_absent === undefined || retryOf(run) !== null) return null;
  const [byteStart, byteEnd] = [to.bytes, to.bytes];
  return {
    ...{ number: 1, firstRow: 1, lastRow: 0, rows: 0, firstLine: to.lines + 1 },
    ...{ byteStart, byteEnd, checksum: checksum(new Uint8Array()), deferred: 0 },
  };
}
