/** Asks a run to end, and waits for it. */
import type { Ledger } from "../ledger/ledger.ts";
import { requestCancel } from "../ledger/run_states.ts";
import { requireRun, type Run } from "../ledger/runs.ts";
import { settle } from "../ledger/settle.ts";
import { waitForRun } from "./wait.ts";
import { Refused } from "./refused.ts";

/** Returns the run: `cancelled` if nothing of it was in work. Throws NoSuchRun and Refused. */
export async function cancelRun(ledger: Ledger, id: number, by: string | null): Promise<Run> {
  const run = await requireRun(ledger, id);
  if (!await requestCancel(ledger, id, by)) {
    const now = await requireRun(ledger, id);
    throw new Refused(`Cannot cancel run ${id}: it is ${now.status.replaceAll("_", " ")} already.`);
  }
  await settleRun(ledger, run);
  return await requireRun(ledger, id);
}

/** Milliseconds after which we look whether whoever had the last batch in hand has died. */
const SETTLE_INTERVAL = 250;

/** The run once it has ended, or as it is after `patienceMs`. */
export async function waitUntilCancelled(
  ledger: Ledger,
  run: Run,
  patienceMs = Infinity,
): Promise<Run> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const ended = await waitForRun(ledger, run.id, { timeoutMs: SETTLE_INTERVAL });
    if (ended !== "timeout") return ended;
    await settleRun(ledger, run);
    if (Date.now() > end) return await requireRun(ledger, run.id);
  }
}

/** Ends the run, or opens its next phase, if nothing of it is in work. */
export async function settleRun(ledger: Ledger, { id, definition }: Run): Promise<void> {
  const { batch_rows: rows, batch_bytes: bytes } = definition.options;
  await settle(ledger, id, { rows, bytes });
}
