/** Deletes a run from the ledger, with its retries, its row log and its stored file. */
import {
  type ChainRun,
  deleteRuns,
  listChain,
  listUnnamed,
  lockWholeChain,
} from "../../ledger/runs/deletion.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { NoSuchRun, requireRun } from "../../ledger/runs/runs.ts";
import { isTerminal } from "../../ledger/runs/statuses.ts";
import { listUndos } from "../../ledger/undo/undos.ts";
import { type RemovedCopies, removeStoredCopies } from "../../source/file/storage.ts";
import { Refused } from "./refuse/refused.ts";

export interface Deleted {
  /** The run itself comes first. */
  readonly runs: readonly number[];
  /** How many logged rows were deleted. */
  readonly rows: number;
  readonly copies: RemovedCopies;
}

/** Throws NoSuchRun and Refused. */
export async function deleteRun(ledger: Ledger, id: number): Promise<Deleted> {
  const root = (await requireRun(ledger, id)).parent_id ?? id;
  // Check without locks first: the batches of an active run hold its locks.
  chooseDoomed(id, await listChain(ledger, root));
  await refuseUndo(ledger, id, root);
  const { doomed, rows } = await ledger.transaction(async () => {
    const doomed = chooseDoomed(id, await lockWholeChain(ledger, root));
    await refuseUndo(ledger, id, root);
    return { doomed, rows: await deleteRuns(ledger, doomed.map((run) => run.id)) };
  });
  // Only now: if the deletion had failed, the run would be useless without its file. A file that
  // stays behind is an orphan, which `prune` removes.
  const copies = await removeCopiesOf(ledger, doomed);
  return { runs: doomed.map((run) => run.id), rows, copies };
}

/** What an undo needs to know would be deleted, too. Throws Refused. */
async function refuseUndo(ledger: Ledger, id: number, root: number): Promise<void> {
  const open = (await listUndos(ledger, root)).find(({ status }) => !isTerminal(status));
  if (open === undefined) return;
  throw new Refused(
    `Cannot delete run ${id}: run ${open.id} is taking it back. ` +
      `Cancel that first: ingest cancel ${open.id} --wait`,
  );
}

/** The runs that are deleted with `id`. Throws NoSuchRun and Refused. */
function chooseDoomed(id: number, chain: readonly ChainRun[]): readonly ChainRun[] {
  const run = chain.find((member) => member.id === id);
  if (run === undefined) throw new NoSuchRun(id);
  const doomed = run.parent_id === null ? chain : [run];
  const open = doomed.find((member) => !isTerminal(member.status));
  if (open !== undefined) {
    const [who, what] = open === run
      ? ["it", "it"]
      : [`its retries would be deleted too, and run ${open.id}`, "that"];
    throw new Refused(
      `Cannot delete run ${id}: ${who} is ${open.status}. ` +
        `Cancel ${what} first: ingest cancel ${open.id} --wait`,
    );
  }
  if (run.parent_id === null) return doomed;
  const whole = `Delete run ${run.parent_id} instead, which also deletes its retries: ` +
    `ingest delete ${run.parent_id}`;
  if (run.resolved > 0) {
    throw new Refused(
      `Cannot delete run ${id}: run ${run.parent_id} counts the rows that it fixed. ${whole}`,
    );
  }
  const retry = chain.find((member) => member.retried_from_run_id === id);
  if (retry !== undefined) {
    throw new Refused(`Cannot delete run ${id}: run ${retry.id} is a retry of it. ${whole}`);
  }
  return doomed;
}

/** Removes the stored copies of deleted runs, unless another run reads them. */
export async function removeCopiesOf(
  ledger: Ledger,
  runs: readonly ChainRun[],
): Promise<RemovedCopies> {
  const paths = runs.flatMap(({ processed_filepath: path }) => path === null ? [] : [path]);
  return await removeStoredCopies(await listUnnamed(ledger, paths));
}
