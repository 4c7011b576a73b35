import { listReport } from "../../report/run_report.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { renderRuns } from "../render/runs.ts";

export interface RunsFlags extends DatabaseFlags {
  readonly status?: string;
  readonly importer?: string;
  readonly limit: number;
}

export async function runsCommand(flags: RunsFlags, output: Output): Promise<number> {
  const filter = {
    status: flags.status ?? null,
    importer: flags.importer ?? null,
    limit: flags.limit,
  };
  const runs = await withDatabase(
    flags,
    output,
    { migrate: false },
    ({ ledger }) => listReport(ledger, filter),
  );
  if (flags.json) {
    output.json({ data: runs });
  } else if (runs.length === 0) {
    const filtered = filter.status !== null || filter.importer !== null;
    output.note(filtered ? "There is no such run." : "There is no run yet.");
  } else {
    const { stdout } = output;
    const width = stdout.size()?.columns ?? null;
    output.printAll(renderRuns(runs, width, output.styleOf(stdout)));
  }
  return EXIT.done;
}
