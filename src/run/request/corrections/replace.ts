/** Corrects a value wherever it is, in one column of the failed rows. */
import type { Ledger } from "../../../ledger/ledger.ts";
import { countReplaced, replaceCells, type Replaced } from "../../../ledger/edits/replace_cells.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { chooseErrors, type ErrorsAsked } from "../choose_errors.ts";
import { failedRowSet } from "../failed_row_set.ts";
import { whileCorrectable } from "./correctable.ts";
import { findColumn, problemOfValue } from "./source_columns.ts";
import { WrongReplacement } from "./wrong_corrections.ts";

export interface ReplacementRequest {
  readonly run: Run;
  /** Of the source. */
  readonly column: string;
  /** What the cells hold, with the corrections so far, and what they shall hold. */
  readonly from: string;
  readonly to: string;
  /** Only in rows with such errors. */
  readonly only: ErrorsAsked;
  /** Change nothing. */
  readonly dryRun: boolean;
  readonly user: string | null;
}

/** Throws WrongReplacement, Refused, NoSuchGroup, AmbiguousGroup. */
export async function replaceEverywhere(
  ledger: Ledger,
  { run, column, from, to, only, dryRun, user }: ReplacementRequest,
): Promise<Replaced> {
  return await whileCorrectable(ledger, run, async (root) => {
    const found = findColumn(root, column);
    if ("problem" in found) throw new WrongReplacement("column", found.problem);
    const problem = problemOfValue(root, to);
    if (problem !== null) throw new WrongReplacement("to", problem);
    if (from === to) throw new WrongReplacement("to", "the value is the same as in `from`");
    // No cell holds such a text, and Postgres wouldn't take it.
    if (from.includes("\0") || !from.isWellFormed()) return { rows: 0, first: [] };
    const replacement = {
      ...{ root: root.id, column: found.name, field: root.header.indexOf(found.name) },
      ...{ from, to, by: user },
    };
    const rows = await failedRowSet(ledger, run, await chooseErrors(ledger, run, only), true);
    return dryRun
      ? await countReplaced(ledger, replacement, rows)
      : await replaceCells(ledger, replacement, rows);
  });
}
