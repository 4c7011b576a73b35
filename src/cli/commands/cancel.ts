import type { Ledger } from "../../ledger/ledger.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { isTerminal } from "../../ledger/runs/statuses.ts";
import { runReport } from "../../report/run_report.ts";
import { cancelNow, cancelRun, waitUntilCancelled } from "../../run/request/cancel.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { showProgress } from "../show_progress.ts";
import { printRun, readRunView } from "../run_summary.ts";
import { readSettings } from "../settings.ts";

export interface CancelFlags extends DatabaseFlags {
  readonly now?: boolean;
  readonly wait?: boolean;
}

/**
 * Milliseconds that it always waits: by then batches in progress have usually finished, and the
 * receipt can be printed.
 */
const PATIENCE = 2_000;

/** Returns 0 if the run is cancelled: that is what the user asked for. */
export async function cancelCommand(
  id: number,
  flags: CancelFlags,
  output: Output,
): Promise<number> {
  const settings = readSettings(flags);
  return await withDatabase(settings, output, { migrate: false }, async ({ ledger }) => {
    const before = await requireRun(ledger, id);
    let run = flags.now
      ? await endAtOnce(ledger, id, settings.user, output)
      : await waitUntilCancelled(ledger, await cancelRun(ledger, id, settings.user), PATIENCE);
    if (flags.wait && !isEnded(run)) run = await waitLong(ledger, run, output);
    if (before.status === "cancelled") output.note(`Run ${id} was already cancelled.`);
    if (flags.json) {
      const data = await runReport(ledger, id, { rows: 0 });
      output.json({ message: "Cancellation request sent.", data });
    } else await printRun(ledger, id, flags, output);
    if (!isEnded(run)) output.note(`Wait for it: ingest cancel ${id} --wait`);
    return EXIT.done;
  });
}

async function endAtOnce(
  ledger: Ledger,
  id: number,
  by: string | null,
  output: Output,
): Promise<Run> {
  const { run, untouchable } = await cancelNow(ledger, id, by, PATIENCE);
  if (untouchable > 0) {
    output.note(
      `ingest: This database user may not end another user's connections: ` +
        `${untouchable === 1 ? "a batch" : `${untouchable} batches`} will finish first.`,
    );
  }
  return run;
}

function isEnded(run: Run): boolean {
  return isTerminal(run.status);
}

/** Milliseconds between looks at what the run is waiting for. */
const LOOK_INTERVAL = 250;

/** Waits until the run ends, and shows what the batches in progress are waiting for. */
async function waitLong(ledger: Ledger, run: Run, output: Output): Promise<Run> {
  const progress = showProgress(output, output.stderr, false);
  try {
    for (;;) {
      const now = await waitUntilCancelled(ledger, run, LOOK_INTERVAL);
      if (isEnded(now)) return now;
      progress.show(await readRunView(ledger, run.id));
    }
  } finally {
    progress.close();
  }
}
