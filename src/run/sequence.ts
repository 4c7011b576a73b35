/** Which batches of a run depend on earlier ones, and must be taken one at a time, in order. */
import type { Definition } from "../importer/definition.ts";
import type { Batch } from "../ledger/batches/batches.ts";
import { lookupsOf } from "../row/pipeline.ts";
import { routesOf, type RunProgram } from "./program.ts";

/** Do the run's tables have foreign keys to themselves or each other, or are values looked up in them? */
export function refersToItself(program: RunProgram): boolean {
  return routesOf(program).some(({ loadPlan, pipeline }) =>
    loadPlan.table.foreignKeys.some((key) => key.toItself) ||
    pipeline.programs.flatMap(lookupsOf).some(({ isTarget }) => isTarget)
  );
}

/** Does a row that fails take the other rows of its batch with it? */
export function isAtomic({ options }: Definition): boolean {
  return options.transaction === "atomic";
}

/** Are rows added to a table in which values are looked up? */
function addsElsewhere(program: RunProgram): boolean {
  return routesOf(program).flatMap(({ pipeline }) => pipeline.programs.flatMap(lookupsOf))
    .some(({ create }) => create);
}

/** Do hooks write more than the batch's rows? */
function writesMore({ hooks }: RunProgram): boolean {
  return hooks?.uses.afterBatch === true;
}

/**
 * Must all batches be taken in order? (Those of a run that is loaded as a whole are anyway.) In a dry run
 * on a table that refers to itself, a batch has to find the parents that earlier batches would have
 * written; and so it has to find the rows that they would have added to another table. If a row that
 * fails takes its batch along, it matters which rows wait for their parents, in a real run, too.
 */
export function isInOrder(program: RunProgram): boolean {
  const { run, inOrderBecause } = program;
  if (inOrderBecause !== null) return true;
  if (isAtomic(run.definition) && refersToItself(program)) return true;
  if (!run.dry_run || run.whole) return false;
  return refersToItself(program) || addsElsewhere(program) || writesMore(program);
}

/**
 * Do the outcomes of the batch's rows depend on what earlier batches wrote? A dry run has rolled
 * that back, so these batches are loaded in a rehearsal (process/rehearsal.ts).
 */
export function isRehearsed(program: RunProgram, batch: Pick<Batch, "phase">): boolean {
  return program.run.dry_run && (batch.phase > 1 || isInOrder(program));
}
