/** Makes a run ready to be gone on with. */
import type { OptionsRule } from "../../importer/definition.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { findTaker } from "../../ledger/retried_rows.ts";
import { findActiveInChain, holdChain, retryOf, rootOf } from "../../ledger/retries.ts";
import { forgiveAttempts, reopenRun } from "../../ledger/run_states.ts";
import { recordSourceTime, requireRun, type Run } from "../../ledger/runs.ts";
import { SourceError } from "../../source/error.ts";
import { settleRun } from "./cancel.ts";
import { compareSource } from "./compare_source.ts";
import { describeActive } from "./active_run.ts";
import { Refused } from "./refused.ts";

/**
 * Takes a cancelled or failed run out of that state; one that is at work, or should be, is left
 * as it is. `maxErrors`: replaces the definition's, unless undefined. Throws NoSuchRun, Refused,
 * and SourceError if the source is gone or was changed.
 */
export async function reopenForResume(
  ledger: Ledger,
  id: number,
  by: string | null,
  maxErrors: OptionsRule["max_errors"] | undefined,
): Promise<Run> {
  const run = await endedIfCancelling(ledger, id);
  switch (run.status) {
    case "completed":
    case "completed_with_errors":
      throw new Refused(
        `Cannot resume run ${id}: it is ${run.status.replaceAll("_", " ")}, nothing is left to do.`,
      );
    case "cancelling":
      throw new Refused(
        `Cannot resume run ${id}: it is being cancelled. Wait for that: ingest cancel ${id} --wait`,
      );
    case "pending":
    case "processing":
      if (maxErrors !== undefined) {
        throw new Refused(
          `Cannot change --max-errors of run ${id}: it is ${run.status}. ` +
            `Leave the option out, or cancel the run first.`,
        );
      }
      await requireSource(ledger, run);
      await forgiveAttempts(ledger, id);
      return run;
  }
  await requireSource(ledger, run);
  const { definition } = run;
  const changed = maxErrors === undefined
    ? null
    : { ...definition, options: { ...definition.options, max_errors: maxErrors } };
  if (!await reopenRun(ledger, id, by, changed, () => requireChain(ledger, run))) {
    throw await resumedElsewhere(ledger, id);
  }
  return await requireRun(ledger, id);
}

/** A run whose process died while it was being cancelled has nobody else to end it. */
async function endedIfCancelling(ledger: Ledger, id: number): Promise<Run> {
  const run = await requireRun(ledger, id);
  if (run.status !== "cancelling") return run;
  await settleRun(ledger, run);
  return await requireRun(ledger, id);
}

/**
 * No other run of its chain may be at work, and the rows that a retry has left to do must still be
 * its own. In the transaction that reopens the run.
 */
async function requireChain(ledger: Ledger, run: Run): Promise<void> {
  const root = rootOf(run);
  await holdChain(ledger, root);
  const active = await findActiveInChain(ledger, root);
  if (active !== null && active.id !== run.id) {
    throw new Refused(`Cannot resume run ${run.id}: ${describeActive(active, root)}`);
  }
  const retry = retryOf(run);
  const taker = retry === null ? null : await findTaker(ledger, retry);
  if (taker !== null) {
    throw new Refused(
      `Cannot resume run ${run.id}: run ${taker} has taken or fixed rows that it had left to do. ` +
        `Try what is still unresolved: ingest retry ${root}`,
    );
  }
}

/**
 * The run's file must hold the bytes that were planned. One that was put back has another time, which
 * is recorded. A retry needs no file: its rows are in the ledger.
 */
async function requireSource(ledger: Ledger, run: Run): Promise<void> {
  if (retryOf(run) !== null) return;
  const { source } = run;
  const found = await compareSource(ledger, run);
  if (!found.same) {
    throw new SourceError(
      `Cannot resume run ${run.id}: ${source.path} ${found.because} ` +
        "Put the file back as it was, or start a new run.",
    );
  }
  if (found.mtime === source.mtime) return;
  if (!await recordSourceTime(ledger, run.id, source.mtime, found.mtime)) {
    throw await resumedElsewhere(ledger, run.id);
  }
}

/** Why the run is not in the state any more that it was found in. Throws NoSuchRun: it is deleted. */
async function resumedElsewhere(ledger: Ledger, id: number): Promise<Refused> {
  await requireRun(ledger, id);
  return new Refused(`Cannot resume run ${id}: somebody else has just resumed it.`);
}
