import { setTimeout } from "node:timers/promises";
import { latestRunId } from "../../ledger/runs.ts";
import { type Database, watchRuns, withDatabase } from "../connect.ts";
import { NoRunYet } from "../command_errors.ts";
import { EXIT, exitCodeOf } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";
import { showProgress } from "../show_progress.ts";
import { printRun, readRunView } from "../run_summary.ts";

export interface StatusFlags extends DatabaseFlags {
  readonly watch?: boolean;
  readonly exitCode?: boolean;
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
    const report = await database.again((ledger) => printRun(ledger, id, flags, output));
    return flags.exitCode ? exitCodeOf(report.status, false) : EXIT.done;
  });
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
