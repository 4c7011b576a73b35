/** What a client may see: clients that may see the same share every byte that is sent. */
import { reasonsToWait } from "../../ledger/runs/progress.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { WatchedRun } from "../../ledger/watched/watched_runs.ts";
import type { RunReport } from "../../report/report_schema.ts";
import { toProgressReport } from "../../report/run_report.ts";
import { hideOthers } from "../identity/hide_others.ts";
import { mayUse, type Principal } from "../identity/principal.ts";
import type { ProgressEvent } from "./schemas.ts";

export interface View extends Pick<Principal, "importers"> {
  /** Equal for clients that may see the same. */
  readonly key: string;
}

export function viewOf({ importers }: Principal): View {
  return { importers, key: JSON.stringify(importers?.toSorted() ?? null) };
}

/** How a client of this view may see the report. */
export async function seenBy(view: View, ledger: Ledger, report: RunReport): Promise<RunReport> {
  const [seen] = await hideOthers(view, ledger, [report]);
  return seen;
}

/** Of a run that has not ended: no retry can have fixed its rows. */
export function progressOf(view: View, run: WatchedRun): Omit<ProgressEvent, "at"> {
  const { failed, unlogged, queued_behind, behind_importer } = run;
  const mayName = behind_importer !== null && mayUse(view, behind_importer);
  return {
    id: run.run_id,
    status: run.status,
    ...toProgressReport(run, run, { unresolved: failed, unlogged, waived: 0 }),
    batches: run.batches,
    open_batches: run.open_batches,
    workers: run.workers,
    stalled: run.stalled,
    queued_behind: mayName ? queued_behind : null,
    // It names whoever uses the database.
    waiting_on: view.importers === null ? reasonsToWait(run) : null,
    warnings: run.warnings,
  };
}
