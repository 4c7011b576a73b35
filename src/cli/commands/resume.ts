import { withDatabase } from "../connect.ts";
import { driveHere, type LoadFlags } from "../drive_here.ts";
import { EXIT } from "../exit_codes.ts";
import type { Settings } from "../settings.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readMaxErrorsFlag } from "../overrides.ts";
import { reopenForResume } from "../../run/request/resume.ts";
import { runReport } from "../../report/run_report.ts";

export interface ResumeFlags extends DatabaseFlags, LoadFlags {
  readonly maxErrors?: string;
  readonly detach?: boolean;
}

export async function resumeCommand(
  id: number,
  flags: ResumeFlags,
  settings: Settings,
  output: Output,
): Promise<number> {
  const maxErrors = readMaxErrorsFlag(flags.maxErrors);
  return await withDatabase(settings, output, { migrate: true }, async (database) => {
    const { ledger } = database;
    const run = await reopenForResume(ledger, id, settings.user, maxErrors);
    if (!flags.detach) return await driveHere(database, run, flags, output);
    if (flags.json) output.json({ data: await runReport(ledger, id, { rows: 0 }) });
    else if (!flags.quiet) output.print(`Run ${id} is waiting for \`ingest work\`.`);
    return EXIT.done;
  });
}
