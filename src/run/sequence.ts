/** Which batches of a run depend on earlier ones, and so are taken one at a time, in order. */
import type { Batch } from "../ledger/batches.ts";
import type { RunProgram } from "./program.ts";

/** Has the table a foreign key to itself? */
export function refersToItself(program: RunProgram): boolean {
  return program.loadPlan.table.foreignKeys.some((key) => key.toItself);
}

/**
 * Are all batches taken in order? A dry run of a table that refers to itself has to find the
 * parents that earlier batches would have written.
 */
export function isInOrder(program: RunProgram): boolean {
  return program.inOrderBecause !== null || (program.run.dry_run && refersToItself(program));
}

/**
 * Does what becomes of the batch's rows depend on what earlier batches wrote? In a dry run that is
 * not there: these batches are done in a rehearsal (process/rehearsal.ts).
 */
export function isRehearsed(program: RunProgram, batch: Pick<Batch, "phase">): boolean {
  return program.run.dry_run && (batch.phase > 1 || isInOrder(program));
}
