/** The failed rows of a run that can be listed, as a set: how many they are, and which is at which place. */
import { chooseRows, readFailed } from "../../ledger/groups/chosen_errors.ts";
import { readResolved } from "../../ledger/rows/chosen_rows.ts";
import type { ErrorChoice } from "../../ledger/groups/error_choice.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { whenRowsRemoved } from "../../ledger/runs/retention.ts";
import { rootOf } from "../../ledger/runs/retries.ts";
import { RowSet } from "../../ledger/rows/row_set.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { readUnlogged } from "../../ledger/rows/unlogged_rows.ts";
import { readWaived } from "../../ledger/rows/waived_rows.ts";

/** `choice`: only with such errors. `left`: only those that are neither fixed nor waived. */
export async function failedRowSet(
  ledger: Ledger,
  run: Run,
  choice: ErrorChoice | null,
  left: boolean,
): Promise<RowSet> {
  const isKept = run.definition.options.log_rows !== "none" &&
    await whenRowsRemoved(ledger, run) === null;
  if (!isKept) return new RowSet();
  const rows = choice === null
    ? await readFailed(ledger, run.id)
    : await chooseRows(ledger, run.id, choice);
  rows.removeAll(await readUnlogged(ledger, run));
  if (left) {
    rows.removeAll(await readResolved(ledger, rootOf(run)));
    rows.removeAll(await readWaived(ledger, rootOf(run)));
  }
  return rows;
}
