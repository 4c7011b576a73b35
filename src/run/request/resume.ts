/** Reopens a run so that it can be resumed. */
import type { OptionsRule } from "../../importer/definition.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { countEditedSince } from "../../ledger/edits/edited_rows.ts";
import { findTaker } from "../../ledger/rows/retried_rows.ts";
import { findActiveInChain, holdChain, retryOf, rootOf } from "../../ledger/runs/retries.ts";
import { countWaivedSince } from "../../ledger/rows/waived_rows.ts";
import { forgiveAttempts, reopenRun } from "../../ledger/runs/run_states.ts";
import { BROKEN_SOURCE, recordSourceTime, requireRun, type Run } from "../../ledger/runs/runs.ts";
import { findOtherLoad, holdFile } from "../../ledger/runs/whole_retries.ts";
import { findUndo, listUndos, readChainFacts } from "../../ledger/undo/undos.ts";
import { SourceError } from "../../source/error.ts";
import type { Alongside } from "./alongside.ts";
import { settleIdle } from "./cancel.ts";
import { compareSource } from "./compare_source.ts";
import { describeActive, describeUndo } from "./active_run.ts";
import { describeOther } from "./retry/other_load.ts";
import { hooksDiffer } from "./hooks_differ.ts";
import { Refused } from "./refuse/refused.ts";

/**
 * Reopens a cancelled or failed run. A pending or processing run keeps its status. `maxErrors`
 * replaces the definition's, unless undefined. Throws NoSuchRun, Refused, and SourceError if the
 * source is gone or has changed.
 */
export async function reopenForResume(
  ledger: Ledger,
  id: number,
  by: string | null,
  maxErrors: OptionsRule["max_errors"] | undefined,
  alongside?: Alongside,
): Promise<Run> {
  const run = await endedIfCancelling(ledger, id);
  switch (run.status) {
    case "completed":
    case "completed_with_errors":
      throw new Refused(
        `Cannot resume run ${id}: it is ${run.status.replaceAll("_", " ")}. Nothing is left to do.`,
      );
    case "held":
      throw new Refused(
        `Cannot resume run ${id}: it is held until somebody decides. Let it load its rows: ` +
          `ingest release ${id}, or cancel it: ingest cancel ${id}`,
      );
    case "cancelling":
      throw new Refused(
        `Cannot resume run ${id}: it is being cancelled. ` +
          `Wait until it is cancelled: ingest cancel ${id} --wait`,
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
      await forgiveAttempts(ledger, id, by);
      return run;
  }
  refuseBroken(run);
  await requireSource(ledger, run);
  const { definition } = run;
  const changed = maxErrors === undefined
    ? null
    : { ...definition, options: { ...definition.options, max_errors: maxErrors } };
  const reopened = await reopenRun(ledger, id, by, changed, {
    check: () => requireChain(ledger, run),
    alongside: () => alongside?.(ledger, id) ?? Promise.resolve(),
  });
  if (!reopened) {
    throw await resumedElsewhere(ledger, id);
  }
  return await requireRun(ledger, id);
}

/** A run whose file is broken has read all that is there of it. */
function refuseBroken({ id, error }: Run): void {
  if (error?.code !== BROKEN_SOURCE) return;
  throw new Refused(`Cannot resume run ${id}: nothing is left to read. ${error.message}`);
}

/** If the process died while the run was being cancelled, no other process ends the run. */
async function endedIfCancelling(ledger: Ledger, id: number): Promise<Run> {
  const run = await requireRun(ledger, id);
  if (run.status !== "cancelling") return run;
  await settleIdle(ledger, run);
  return await requireRun(ledger, id);
}

/**
 * No other run of the chain may be active or take it back, and the remaining rows of a retry must
 * still be its own. Runs in the transaction that reopens the run.
 */
async function requireChain(ledger: Ledger, run: Run): Promise<void> {
  const root = run.undoes_run_id ?? rootOf(run);
  const isOneOfFile = run.whole && !run.dry_run && run.kind === "import";
  if (isOneOfFile) await holdFile(ledger, run);
  await holdChain(ledger, root);
  const other = isOneOfFile ? await findOtherLoad(ledger, run) : null;
  if (other !== null) {
    throw new Refused(`Cannot resume run ${run.id}: ${describeOther(other)}`);
  }
  await requireNoOtherUndo(ledger, run, root);
  const active = await findActiveInChain(ledger, root);
  if (active !== null && active.id !== run.id) {
    throw new Refused(`Cannot resume run ${run.id}: ${describeActive(active, root)}`);
  }
  const retry = retryOf(run);
  const waived = retry === null ? 0 : await countWaivedSince(ledger, retry);
  if (waived > 0) {
    throw new Refused(
      `Cannot resume run ${run.id}: ${
        waived === 1 ? "1 of its rows was" : `${waived} of its rows were`
      } ` +
        `waived since. Retry the others: ingest retry ${root}, or take that back: ` +
        `ingest waive ${root} --undo --all`,
    );
  }
  const taker = retry === null ? null : await findTaker(ledger, retry);
  if (taker !== null) {
    throw new Refused(
      `Cannot resume run ${run.id}: run ${taker} has taken or fixed some of its remaining rows. ` +
        `Retry the rows that are still unresolved: ingest retry ${root}`,
    );
  }
  const edited = retry === null || retry.dryRun ? 0 : await countEditedSince(ledger, retry);
  if (edited > 0) {
    const rows = edited === 1 ? "1 of its rows was" : `${edited} of its rows were`;
    throw new Refused(
      `Cannot resume run ${run.id}: ${rows} corrected after it began. ` +
        `Retry the rows as they are now: ingest retry ${root}`,
    );
  }
}

/** An undo goes on only if no other came after it, and a run only if none takes it back. */
async function requireNoOtherUndo(ledger: Ledger, run: Run, root: number): Promise<void> {
  if (run.kind === "import") {
    const undo = await findUndo(ledger, root);
    if (undo !== null) throw new Refused(`Cannot resume run ${run.id}: ${describeUndo(undo)}`);
    return;
  }
  const later = (await listUndos(ledger, root)).find(({ id, dry_run }) => id > run.id && !dry_run);
  if (later !== undefined) {
    throw new Refused(
      `Cannot resume run ${run.id}: run ${later.id} has gone on with taking back run ${root}. ` +
        `See: ingest status ${later.id}`,
    );
  }
  if ((await readChainFacts(ledger, root)).has_marks) return;
  throw new Refused(
    `Cannot resume run ${run.id}: what it needs to know of run ${root} was kept for as long as ` +
      "options.undo_for says, and is gone. What is taken back stays so.",
  );
}

/**
 * The run's file must hold the bytes that were planned. A file that was put back has another time,
 * which is recorded. A retry needs no file: its rows are in the ledger.
 */
export async function requireSource(
  ledger: Ledger,
  run: Run,
  doing: "resume" | "release" = "resume",
): Promise<void> {
  if (run.kind === "undo") return;
  await requireHooks(run, doing);
  if (retryOf(run) !== null) return;
  const { source } = run;
  const found = await compareSource(ledger, run);
  if (!found.same) {
    throw new SourceError(
      `Cannot ${doing} run ${run.id}: ${source.path} ${found.because} ` +
        "Put the file back as it was, or start a new run.",
    );
  }
  if (found.mtime === source.mtime) return;
  if (!await recordSourceTime(ledger, run.id, source.mtime, found.mtime)) {
    throw await resumedElsewhere(ledger, run.id);
  }
}

/** A run never mixes what two versions of its hooks make of rows. */
async function requireHooks({ id, definition }: Run, doing: string): Promise<void> {
  const because = await hooksDiffer(definition);
  if (because === null) return;
  throw new Refused(
    `Cannot ${doing} run ${id}: ${because}, and rows of one run are not given to different hooks. ` +
      "Put the file back as it was, or start a new run.",
  );
}

/** Why the run's state has changed since it was read. Throws NoSuchRun if it was deleted. */
async function resumedElsewhere(ledger: Ledger, id: number): Promise<Refused> {
  await requireRun(ledger, id);
  return new Refused(`Cannot resume run ${id}: somebody else has just resumed it.`);
}
