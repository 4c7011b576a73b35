/** Makes a run ready to be gone on with. */
import type { OptionsRule } from "../importer/definition.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { forgiveAttempts, reopenRun } from "../ledger/run_states.ts";
import { requireRun, type Run } from "../ledger/runs.ts";
import { SourceError } from "../source/error.ts";
import { assertUnchanged } from "../source/unchanged.ts";
import { settleRun } from "./cancel.ts";
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
      await requireSource(run);
      await forgiveAttempts(ledger, id);
      return run;
  }
  await requireSource(run);
  const { definition } = run;
  const changed = maxErrors === undefined
    ? null
    : { ...definition, options: { ...definition.options, max_errors: maxErrors } };
  if (!await reopenRun(ledger, id, by, changed)) {
    throw new Refused(`Cannot resume run ${id}: somebody else has just resumed it.`);
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

async function requireSource(run: Run): Promise<void> {
  try {
    await assertUnchanged(run.source);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new SourceError(
      `Cannot resume run ${run.id}: ${run.source.path} is gone or was changed since it began. ` +
        "Put the file back as it was, or start a new run.",
      { cause: error },
    );
  }
}
