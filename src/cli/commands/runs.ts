import type { RunStatus } from "../../ledger/runs/statuses.ts";
import { emptyPage, runPage } from "../../report/run_page.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";
import { renderRuns } from "../render/runs.ts";

export interface RunsFlags extends DatabaseFlags {
  readonly status?: RunStatus;
  readonly importer?: string;
  readonly limit: number;
}

export async function runsCommand(flags: RunsFlags, output: Output): Promise<number> {
  const { status, importer, limit } = flags;
  const page = await withDatabase(
    readSettings(flags),
    output,
    { migrate: false },
    ({ ledger }) => runPage(ledger, { status, importer, limit }),
  ).catch((error) => {
    if (error instanceof Error && error.name === "NeverUsed") return emptyPage({ limit });
    throw error;
  });
  const runs = page.data;
  if (flags.json) {
    output.json(page);
  } else if (runs.length === 0) {
    const filtered = status !== undefined || importer !== undefined;
    output.note(filtered ? "No runs match." : "There are no runs yet.");
  } else {
    const { width, style } = output.listFrame();
    output.printAll(renderRuns(runs, width, style));
  }
  return EXIT.done;
}
