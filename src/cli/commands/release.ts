import { runReport } from "../../report/run_report.ts";
import { releaseHeld } from "../../run/request/release.ts";
import { withDatabase } from "../connect.ts";
import { driveHere, type LoadFlags } from "../drive_here.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import type { Settings } from "../settings.ts";

export interface ReleaseFlags extends DatabaseFlags, LoadFlags {
  readonly detach?: boolean;
}

export async function releaseCommand(
  id: number,
  flags: ReleaseFlags,
  settings: Settings,
  output: Output,
): Promise<number> {
  return await withDatabase(settings, output, { migrate: true }, async (database) => {
    const { ledger } = database;
    const run = await releaseHeld(ledger, id, settings.user, "command");
    if (!flags.detach) return await driveHere(database, run, flags, output);
    if (flags.json) output.json({ data: await runReport(ledger, id, { rows: 0 }) });
    else if (!flags.quiet) output.print(`Run ${id} is waiting for \`ingest work\`.`);
    return EXIT.done;
  });
}
