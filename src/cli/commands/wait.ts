import { type Look, waitForRun } from "../../run/request/wait.ts";
import { requireRun } from "../../ledger/runs/runs.ts";
import { watchRuns, withDatabase } from "../connect.ts";
import { WaitTimeout } from "../command_errors.ts";
import { exitCodeOf } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import { formatDuration } from "../../report/numbers.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";
import { printRun } from "../run_summary.ts";

export interface WaitFlags extends DatabaseFlags {
  /** Milliseconds. */
  readonly timeout?: number;
  readonly allowErrors?: boolean;
  readonly quiet?: boolean;
}

export async function waitCommand(id: number, flags: WaitFlags, output: Output): Promise<number> {
  return await withDatabase(readSettings(flags), output, { migrate: false }, async (database) => {
    await requireRun(database.ledger, id);
    const timeoutMs = flags.timeout ?? null;
    const waiting = (look: Look) => waitForRun(look, id, { timeoutMs });
    const tell = (line: string) => output.note(`ingest: ${line}`);
    if (await watchRuns(database, tell, waiting) === "timeout") {
      throw new WaitTimeout(
        `Run ${id} did not end within ${formatDuration((timeoutMs ?? 0) / 1000)}. ` +
          `See where it stands: ingest status ${id}`,
      );
    }
    const report = await database.again((ledger) => printRun(ledger, id, flags, output));
    return exitCodeOf(report, flags.allowErrors === true);
  });
}
