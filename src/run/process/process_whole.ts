/**
 * A run that is loaded as a whole or not at all (`options.transaction: run`). One worker loads all
 * batches, one after the other as in a run that is in order, and ends the run, all in one transaction:
 * it is either committed with everything, or leaves nothing.
 *
 * If a row fails, that transaction is rolled back. Then all batches are loaded once more in a rehearsal,
 * which is never committed, while the ledger's transaction notes every row that fails. So does a dry
 * run in the first place.
 */
import type { Batch } from "../../ledger/batches/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { requestFailure } from "../../ledger/runs/run_states.ts";
import { retryOf } from "../../ledger/runs/retries.ts";
import { BROKEN_SOURCE, requireRun, type RunFailure } from "../../ledger/runs/runs.ts";
import { defersChecks } from "../../ledger/runs/whole_runs.ts";
import { routesOf, type RunProgram, withPlans } from "../program.ts";
import type { BatchEnd } from "./process_batch.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { isHeldAnyway } from "./whole_verdict.ts";
import { WholePass } from "./whole_pass.ts";

/** Others may change the table between two passes, so that a row fails in the first one only. */
const ROUNDS = 3;

/** As `processBatch`, for the first batch of a run that is loaded as a whole. */
export async function processWhole(
  ledger: Ledger,
  program: RunProgram,
  first: Batch,
  rehearsal: Rehearsal,
): Promise<BatchEnd> {
  // It may have been released since the program was compiled.
  const run = await requireRun(ledger, program.run.id);
  const { broken } = run.source;
  if (broken !== undefined && retryOf(run) === null) {
    const message =
      `${broken} Nothing was loaded: it is all rows or none (options.transaction: run).`;
    await requestFailure(ledger, run.id, { code: BROKEN_SOURCE, message });
    return { done: false, because: "run_stopped" };
  }
  const tables = routesOf(program).map(({ loadPlan }) => loadPlan.table.oid);
  const defers = !run.sets_aside && await defersChecks(ledger, tables);
  const fresh = { ...program, run };
  const atEnd = withPlans(fresh, (plan) => ({ ...plan, checksAtEnd: defers }));
  const real = new WholePass(ledger, atEnd, first, null);
  const rehearsed = new WholePass(ledger, atEnd, first, rehearsal);
  // Nothing need have failed: somebody has to decide.
  const isTry = run.dry_run || run.definition.options.hold_if !== undefined || run.sets_aside ||
    run.definition.on_absent !== undefined;
  const again = isTry ? "trying all rows" : "looking for all failed rows";
  let failure: RunFailure | null = null;
  for (let round = 1; round <= ROUNDS && failure === null; round++) {
    if (!run.dry_run && !isHeldAnyway(run)) {
      const end = await real.run("loading all rows");
      if (!("refused" in end)) return end;
      failure = end.failure;
    }
    if (failure === null) {
      const end = await rehearsed.run(again);
      if (!("refused" in end)) return end;
      failure = end.failure;
    }
  }
  // Which rows break them shows only if they are checked after each batch.
  const last = new WholePass(ledger, fresh, first, rehearsal, failure ?? NOT_TWICE);
  const end = await last.run("looking for all failed rows");
  if ("refused" in end) throw new Error("A run's last pass has not ended it");
  return end;
}

const NOT_TWICE: RunFailure = {
  code: "database",
  message:
    "Each time that all rows were loaded, some were refused that were accepted when they were " +
    "tried again. Somebody else changes the table: resume the run when nobody does.",
};
