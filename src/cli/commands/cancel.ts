import { cancelRun, waitUntilCancelled } from "../../run/cancel.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import { currentUser } from "../settings.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { printRun } from "../run_summary.ts";

export interface CancelFlags extends DatabaseFlags {
  readonly wait?: boolean;
}

/** Done is 0: that the run is cancelled is what was asked for. */
export async function cancelCommand(
  id: number,
  flags: CancelFlags,
  output: Output,
): Promise<number> {
  return await withDatabase(flags, output, { migrate: false }, async ({ ledger }) => {
    const run = await cancelRun(ledger, id, currentUser());
    if (flags.wait) await waitUntilCancelled(ledger, run);
    const { is_terminal } = await printRun(ledger, id, flags, output);
    if (!is_terminal) {
      output.note(`Batches in hand are finished first. Wait for that: ingest cancel ${id} --wait`);
    }
    return EXIT.done;
  });
}
