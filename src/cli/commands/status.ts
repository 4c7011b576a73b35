import { setTimeout } from "node:timers/promises";
import type { Ledger } from "../../ledger/ledger.ts";
import { fileReports } from "../../report/file_reports.ts";
import { runReport } from "../../report/run_report.ts";
import { latestRunId, requireRun, type Run } from "../../ledger/runs/runs.ts";
import { wholeTimeline } from "../../report/timeline.ts";
import { type Database, watchRuns, withDatabase } from "../connect.ts";
import { NoRunYet } from "../command_errors.ts";
import { EXIT, exitCodeOf } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { renderFiles } from "../render/files.ts";
import { renderTimeline } from "../render/timeline.ts";
import { readSettings } from "../settings.ts";
import { showProgress } from "../show_progress.ts";
import { printRun, readRunView } from "../run_summary.ts";

export interface StatusFlags extends DatabaseFlags {
  readonly watch?: boolean;
  readonly exitCode?: boolean;
  /** What happened to it, instead of where it stands. */
  readonly events?: boolean;
  /** What it reads, instead of where it stands. */
  readonly files?: boolean;
}

export async function statusCommand(
  given: number | null,
  flags: StatusFlags,
  output: Output,
): Promise<number> {
  return await withDatabase(readSettings(flags), output, { migrate: false }, async (database) => {
    const id = given ?? await latestRunId(database.ledger);
    if (id === null) throw new NoRunYet();
    if (flags.watch) await watch(database, id, flags, output);
    const print = flags.events ? printEvents : flags.files ? printFiles : printRun;
    await database.again<unknown>((ledger) =>
      print(ledger, id, { ...flags, withPlace: true }, output)
    );
    if (!flags.exitCode) return EXIT.done;
    const report = await database.again((ledger) => runReport(ledger, id, { rows: 0 }));
    return exitCodeOf(report, false);
  });
}

async function printEvents(
  ledger: Ledger,
  id: number,
  flags: StatusFlags,
  output: Output,
): Promise<Run> {
  const run = await requireRun(ledger, id);
  const timeline = await wholeTimeline(ledger, run);
  if (flags.json) output.json(timeline);
  else {
    const { width, style } = output.listFrame();
    output.printAll(renderTimeline(run, timeline.data, width, style));
  }
  return run;
}

async function printFiles(
  ledger: Ledger,
  id: number,
  flags: StatusFlags,
  output: Output,
): Promise<Run> {
  const run = await requireRun(ledger, id);
  const { files } = await fileReports(ledger, run, {
    after: 0,
    limit: Number.MAX_SAFE_INTEGER - 1,
  });
  if (flags.json) output.json({ data: files });
  else {
    const { width, style } = output.listFrame();
    output.printAll(renderFiles(run, files, width, style));
  }
  return run;
}

/** Milliseconds between looks. */
const LOOK_INTERVAL = 250;

/** A worker has no batch between two: the most of this many looks keeps the number steady. */
const LOOKS_OF_WORKERS = 8;

/** Follows the run until it ends. With --json, stdout is kept for the document at the end. */
async function watch(
  database: Database,
  id: number,
  flags: StatusFlags,
  output: Output,
): Promise<void> {
  const recent: number[] = [];
  const progress = showProgress(output, flags.json ? output.stderr : output.stdout, false);
  try {
    await watchRuns(database, (line) => progress.note(`ingest: ${line}`), async (look) => {
      for (;;) {
        const view = await look((ledger) => readRunView(ledger, id));
        if (view?.report.is_terminal) return;
        recent.unshift(view?.workers ?? 0);
        recent.length = Math.min(recent.length, LOOKS_OF_WORKERS);
        if (view !== null) progress.show({ ...view, workers: Math.max(...recent) });
        await setTimeout(LOOK_INTERVAL);
      }
    });
  } finally {
    progress.close();
  }
}
