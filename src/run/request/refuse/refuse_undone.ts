import type { Ledger } from "../../../ledger/ledger.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { findUndo } from "../../../ledger/undo/undos.ts";
import { describeUndo } from "../active_run.ts";
import { Refused } from "./refused.ts";

/**
 * Throws Refused for an undo, and for a run that was taken back: their failed rows can't be tried
 * again. `cannot`: `Cannot retry run 12`.
 */
export async function refuseUndone(
  ledger: Ledger,
  { id, kind, undoes_run_id, parent_id }: Run,
  cannot: string,
): Promise<void> {
  if (kind === "undo") {
    throw new Refused(
      `${cannot}: it is an undo of run ${undoes_run_id}. To take back what it kept, ` +
        `undo that run again: ingest undo ${undoes_run_id}`,
    );
  }
  const undo = await findUndo(ledger, parent_id ?? id);
  if (undo !== null) throw new Refused(`${cannot}: ${describeUndo(undo)}`);
}
