/** Takes corrections back: their cells have the file's own values again. */
import { type RemovedEdits, removeEdits } from "../../../ledger/edits/cell_edits.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { whileCorrectable } from "./correctable.ts";

/** `row`, `column` (of the source): null: all of them. Throws Refused, NoSuchRun and ChainBusy. */
export async function removeCorrections(
  ledger: Ledger,
  run: Run,
  which: { readonly row: number | null; readonly column: string | null },
): Promise<RemovedEdits> {
  return await whileCorrectable(
    ledger,
    run,
    (root) =>
      removeEdits(ledger, root.id, {
        rows: which.row === null ? null : [which.row],
        column: which.column,
      }),
  );
}
