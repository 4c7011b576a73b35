/** What a dry run, or a run that is held, would change in the table. */
import { sumChanges, type SummedColumn } from "../ledger/runs/changes.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RunProgress } from "../ledger/runs/progress.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { Changes } from "./change_schema.ts";

/** So many columns are shown with the run; all of them page by page. */
const COLUMNS = 20;

/** Null if the run is none of these, or has not come to its end. */
export async function changesOf(
  ledger: Ledger,
  run: Run,
  progress: Pick<RunProgress, "created" | "updated" | "skipped">,
): Promise<Changes | null> {
  if (!isTried(run)) return null;
  const { columns, next } = await changedColumns(ledger, run, { after: 0, limit: COLUMNS });
  const { created, updated, skipped } = run.status === "held" ? run.held! : progress;
  const { deleted, marked } = (run.status === "held" ? run.held : run.absent) ?? {};
  return {
    ...{ created, updated, unchanged: skipped },
    ...deleted !== undefined && { deleted },
    ...marked !== undefined && { marked },
    ...run.absent_rows !== null && { absent_rows: run.absent_rows },
    columns,
    more: next !== null,
  };
}

export interface ColumnPage {
  readonly columns: readonly SummedColumn[];
  /** Where the next page begins; null: there is none. */
  readonly next: number | null;
}

/** Of any other run, there are none. */
export async function changedColumns(
  ledger: Ledger,
  run: Run,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ColumnPage> {
  if (!isTried(run)) return { columns: [], next: null };
  const found = await sumChanges(ledger, run.id, after, limit + 1);
  return {
    columns: found.slice(0, limit),
    next: found.length > limit ? after + limit : null,
  };
}

function isTried({ kind, status, dry_run }: Run): boolean {
  return kind === "import" && (status === "held" || dry_run && status.startsWith("completed"));
}
