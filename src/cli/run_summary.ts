/** Prints a run. */
import { findFileOfRun } from "../ledger/watched/watched_files.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { reasonsToWait } from "../ledger/runs/progress.ts";
import { describeState, readRunState, runReport } from "../report/run_report.ts";
import type { RunReport } from "../report/report_schema.ts";
import { BrokenPipe, OutputFailed } from "./command_errors.ts";
import type { Output } from "./output.ts";
import type { RunView } from "./render/run_heading.ts";
import { renderRun } from "./render/run_status.ts";

/** The same number of rows as in the HTTP API. */
const REPORTED_ROWS = 100;

export interface SummaryFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Also where the file lies, if it was found in a watched folder. */
  readonly withPlace?: boolean;
}

/**
 * One JSON document, or a few lines. With `quiet`, only why the run failed, on stderr. Returns the
 * report, even if nobody reads what is printed. Throws NoSuchRun and OutputFailed.
 */
export async function printRun(
  ledger: Ledger,
  id: number,
  flags: SummaryFlags,
  output: Output,
): Promise<RunReport> {
  if (flags.json) {
    const report = await runReport(ledger, id, {
      rows: REPORTED_ROWS,
      withPlace: flags.withPlace,
    });
    printing(report, () => output.json({ data: report }));
    return report;
  }
  const read = await readRunView(ledger, id);
  const file = flags.withPlace ? await findFileOfRun(ledger, read.report.parent_id ?? id) : null;
  const view = file === null ? read : { ...read, report: { ...read.report, watched_file: file } };
  if (!flags.quiet) printing(view.report, () => printView(view, output));
  else if (view.report.status === "failed") {
    output.note(`ingest: run ${id} failed: ${view.report.error?.message ?? "reason unknown"}`);
  }
  return view.report;
}

/** The exit code is the run's, whoever reads. If the report is lost, it says where the run stands. */
function printing({ id, status }: RunReport, print: () => void): void {
  try {
    print();
  } catch (error) {
    if (error instanceof BrokenPipe) return;
    if (error instanceof OutputFailed) {
      error.message += ` Run ${id} is ${status.replaceAll("_", " ")}: ingest status ${id}`;
    }
    throw error;
  }
}

export async function readRunView(ledger: Ledger, id: number): Promise<RunView> {
  const state = await readRunState(ledger, id);
  const { health } = state;
  return {
    report: await describeState(ledger, state),
    workers: health.workers,
    waitingOn: reasonsToWait(health),
    stuck: health.stuck,
  };
}

function printView(view: RunView, output: Output): void {
  const { stdout } = output;
  const style = output.styleOf(stdout);
  output.printAll(renderRun(view, { width: output.widthOf(stdout), now: new Date(), style }));
}
