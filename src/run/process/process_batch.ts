/**
 * The life of a batch: the one place where the stages meet. It is all one transaction: the rows in
 * the target, their outcomes, the counts and the batch's state are committed together or not at
 * all.
 */
import type { Session } from "../../db/session.ts";
import { type Batch, ClaimLost, completeBatch } from "../../ledger/batches.ts";
import { beginBatch, type Hold } from "../../ledger/begin_batch.ts";
import { writeBatchErrors } from "../../ledger/batch_errors.ts";
import { deferRows, listKeysThatWait } from "../../ledger/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { BatchMarks } from "../../ledger/undo_marks.ts";
import { retryOf, rootOf } from "../../ledger/retries.ts";
import { copyRows } from "../../ledger/rows.ts";
import { hasWritten } from "../../ledger/progress.ts";
import { phaseChangedSomething } from "../../ledger/next_phase.ts";
import { dropStage } from "../../load/fill_stage.ts";
import { loadRows } from "../../load/load.ts";
import type { LoadedRows } from "../../load/encoded_rows.ts";
import { encodeBatch, encodeInLevels } from "./encode.ts";
import { countByFile } from "./count_by_file.ts";
import { nameFirstRows } from "./first_rows.ts";
import type { RunProgram } from "../program.ts";
import { readBatch } from "./read.ts";
import { type Rehearsal, TableChanged } from "./rehearsal.ts";
import { encodeResolved } from "./resolve.ts";
import { isInOrder, isRehearsed, refersToItself } from "../sequence.ts";
import { type BatchTally, tallyBatch, triedRows } from "./tally.ts";

export type BatchEnd =
  | { readonly done: true; readonly counts: BatchTally["counts"] }
  /**
   * `taken`: another process has the batch. `run_stopped`: the run was cancelled or has failed.
   * `table_changed`: the program was compiled for a table that is no longer like that.
   */
  | { readonly done: false; readonly because: NotHeld };

type NotHeld = Exclude<Hold, { readonly held: true }>["because"];

/**
 * Throws errors that are not the data's fault; then nothing of the batch is committed. `rehearsal` is
 * the worker's own: in a dry run, batches that depend on earlier ones are loaded there.
 */
export async function processBatch(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
  rehearsal: Rehearsal,
): Promise<BatchEnd> {
  const rehearsed = isRehearsed(program, batch);
  // In a rehearsal, the other session holds the table. If this one held it as well, that one could
  // wait for somebody who waits for this one.
  const target = rehearsed ? null : program.target;
  const hold = await beginBatch(ledger, batch, target, program.run.settings);
  if (!hold.held) return { done: false, because: hold.because };
  try {
    if (rehearsed) await rehearsal.catchUp(ledger, program, batch);
    const read = await readBatch(ledger, program, batch);
    const held = batch.phase === 1 ? null : await heldKeys(ledger, program, batch);
    const encoded = await encodeResolved(
      ledger.session,
      program,
      (writers) =>
        held === null
          ? encodeBatch(program, read, writers)
          : encodeInLevels(program, read, writers, held),
    );
    const { loadPlan } = program;
    const undo = notesFor(ledger, program, batch);
    const options = {
      undo,
      selfReferencesMayWait: await mayWait(ledger, program, batch),
      runHasWritten: () => hasWritten(ledger, batch.run_id),
    };
    const load = (session: Session) =>
      loadRows(session, loadPlan, encoded.good, program.history, options);
    const loaded = rehearsed
      ? await rehearsal.load(ledger, loadPlan, load)
      : program.run.dry_run
      ? await loadAndUndo(ledger.session, load)
      : await load(ledger.session);
    if (!rehearsed && !program.run.dry_run) await dropStage(ledger.session, loadPlan);
    await nameFirstRows(ledger, program, encoded, loaded, read.waiting);
    const room = await program.room.forRows(ledger, encoded.bad.size + loaded.errors.size);
    const tally = tallyBatch(program, batch, encoded, loaded, room);
    if (tally.log !== null) await copyRows(ledger, batch.run_id, tally.log);
    await program.supply.recordTried(ledger, () => triedRows(encoded, loaded));
    await writeBatchErrors(ledger, batch, tally.groups);
    await deferRows(ledger, batch.run_id, batch.phase + 1, tally.waiting);
    // As late as possible: whoever writes the file may have paused.
    await program.supply.assertNotGrown();
    const files = countByFile(program, batch, encoded, loaded);
    await completeBatch(ledger, batch, tally.counts, { marks: undo, files });
    await ledger.query("commit");
    program.room.note(tally.counts.failed - tally.counts.unlogged);
    if (rehearsed) rehearsal.done(batch);
    return { done: true, counts: tally.counts };
  } catch (error) {
    if (rehearsed) await rehearsal.close();
    if (!ledger.session.lost) await ledger.query("rollback");
    if (error instanceof ClaimLost) return { done: false, because: "taken" };
    if (error instanceof TableChanged) return { done: false, because: "table_changed" };
    throw error;
  }
}

/** What is noted for an undo; null if nothing is. */
function notesFor(ledger: Ledger, program: RunProgram, batch: Batch): BatchMarks | null {
  const { run, undo } = program;
  if (undo === null) return null;
  const mayRepeat = isInOrder(program) || retryOf(run) !== null;
  return new BatchMarks(
    ledger,
    { ...batch, root: rootOf(run), relation: undo.relation },
    {
      ...undo,
      hitsOwn: !undo.knowsOwn
        ? "never"
        : batch.phase > 1
        ? "likely"
        : mayRepeat
        ? "perhaps"
        : "never",
    },
  );
}

/** For a dry run: finds the outcome of each row and leaves nothing in the target. */
async function loadAndUndo(
  session: Session,
  load: (session: Session) => Promise<LoadedRows>,
): Promise<LoadedRows> {
  await session.query("savepoint ingest_dry_run");
  const loaded = await load(session);
  await session.query(
    "rollback to savepoint ingest_dry_run; release savepoint ingest_dry_run",
  );
  return loaded;
}

/** Keys of rows that this phase has deferred to the next one: later rows must not overtake them. */
async function heldKeys(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
): Promise<ReadonlySet<string>> {
  if (!refersToItself(program)) return new Set();
  return new Set(await listKeysThatWait(ledger, batch.run_id, batch.phase + 1));
}

/**
 * May rows that refer to missing rows of their own table be deferred? Yes, as long as the phase
 * before this one has changed something.
 */
async function mayWait(ledger: Ledger, program: RunProgram, batch: Batch): Promise<boolean> {
  if (!refersToItself(program)) return false;
  return batch.phase === 1 || await phaseChangedSomething(ledger, batch.run_id, batch.phase - 1);
}
