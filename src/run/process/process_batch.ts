/**
 * A batch's transaction: the rows in the target, their outcomes, the counts and the batch's state are
 * committed together or not at all.
 */
import type { Session } from "../../db/session.ts";
import { type Batch, type BatchCounts, ClaimLost } from "../../ledger/batches/batches.ts";
import { beginBatch, type Hold } from "../../ledger/batches/begin_batch.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { addWarnings } from "../../ledger/runs/run_states.ts";
import type { LoadedRows } from "../../load/encoded_rows.ts";
import { dropStage } from "../../load/stage/fill_stage.ts";
import type { LoadPlan } from "../../load/load_plan.ts";
import type { RunProgram } from "../program.ts";
import { isRehearsed } from "../sequence.ts";
import { TableChanged } from "./other_table.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { type Into, workOff } from "./work_off.ts";

export type BatchEnd =
  | {
    readonly done: true;
    readonly counts: BatchCounts;
    /** The batch stood for all of its run, which has ended with it. */
    readonly ended?: true;
  }
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
    const into: Into = {
      load: (plan, load) =>
        rehearsed
          ? rehearsal.load(ledger, plan, load)
          : program.run.dry_run
          ? loadAndUndo(ledger.session, load)
          : loadAndDrop(ledger.session, plan, load),
      look: (work) => rehearsed ? rehearsal.look(ledger, work) : work(ledger.session),
    };
    const counts = await workOff(ledger, program, batch, into);
    const printed = program.hooks?.printed ?? [];
    // Last, because whoever cancels the run waits for it.
    await addWarnings(ledger, batch.run_id, printed);
    await ledger.query("commit");
    program.hooks?.note(printed);
    program.room.note(counts.failed - counts.unlogged);
    if (rehearsed) rehearsal.done(batch);
    return { done: true, counts };
  } catch (error) {
    if (rehearsed) await rehearsal.close();
    if (!ledger.session.lost) await ledger.query("rollback");
    if (error instanceof ClaimLost) return { done: false, because: "taken" };
    if (error instanceof TableChanged) return { done: false, because: "table_changed" };
    throw error;
  }
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

async function loadAndDrop(
  session: Session,
  plan: LoadPlan,
  load: (session: Session) => Promise<LoadedRows>,
): Promise<LoadedRows> {
  const loaded = await load(session);
  await dropStage(session, plan);
  return loaded;
}
