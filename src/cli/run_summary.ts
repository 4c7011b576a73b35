/** Prints a run. */
import type { Ledger } from "../ledger/ledger.ts";
import { readRunState, runReport, toRunReport } from "../report/run_report.ts";
import type { RunReport } from "../report/report_schema.ts";
import type { Output } from "./output.ts";
import { renderRun, type RunView } from "./render/run_status.ts";

/** The same number of rows as in the HTTP API. */
const REPORTED_ROWS = 100;

export interface SummaryFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * One JSON document, or a few lines. With `quiet`, only why the run failed, on stderr. Returns the
 * report. Throws NoSuchRun.
 */
export async function printRun(
  ledger: Ledger,
  id: number,
  flags: SummaryFlags,
  output: Output,
): Promise<RunReport> {
  if (flags.json) {
    const report = await runReport(ledger, id, { rows: REPORTED_ROWS });
    output.json({ data: report });
    return report;
  }
  const view = await readRunView(ledger, id);
  if (!flags.quiet) printView(view, output);
  else if (view.report.status === "failed") {
    output.note(`ingest: run ${id} failed: ${view.report.error?.message ?? "reason unknown"}`);
  }
  return view.report;
}

export async function readRunView(ledger: Ledger, id: number): Promise<RunView> {
  const { run, health, unresolved } = await readRunState(ledger, id);
  return {
    report: toRunReport(run, health, health, unresolved),
    workers: health.workers,
    waitingOn: health.waiting_on,
    stuck: health.stuck,
  };
}

function printView(view: RunView, output: Output): void {
  const { stdout } = output;
  const style = output.styleOf(stdout);
  output.printAll(renderRun(view, { width: output.widthOf(stdout), now: new Date(), style }));
}
