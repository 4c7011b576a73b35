import type { BatchLimits } from "../../kernel/scanner.ts";
import type { PlannedBatch } from "../../ledger/batches/plan.ts";
import type { Piece } from "../supply/row_supply.ts";

/**
 * A batch with the rows of `before` and of the piece behind it, so that a thousand small files are not
 * a thousand batches. `deferred`: of the piece's rows. Null if they can't be in one batch.
 */
export function joinedBatch(
  before: PlannedBatch,
  piece: Piece,
  deferred: number,
  limits: BatchLimits,
): PlannedBatch | null {
  const { batch } = piece;
  if (batch === null || before.checksum === null || before.byteEnd !== batch.byteStart) return null;
  const rows = batch.lastRow - before.firstRow + 1;
  if (rows > limits.rows || batch.byteEnd - before.byteStart > limits.bytes) return null;
  const checksum = piece.checksumAfter(before.checksum);
  if (checksum === null) return null;
  return {
    ...before,
    rows,
    lastRow: batch.lastRow,
    byteEnd: batch.byteEnd,
    checksum,
    deferred: before.deferred + deferred,
  };
}
