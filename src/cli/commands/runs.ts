import { listReport } from "../../report/run_report.ts";
import type { RunReport } from "../../report/schema.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { formatCount, formatTime } from "../render/numbers.ts";
import { renderTable, type TableColumn } from "../render/table.ts";

export interface RunsFlags extends DatabaseFlags {
  readonly status?: string;
  readonly importer?: string;
  readonly limit: number;
}

const COLUMNS: readonly TableColumn[] = [
  { title: "run", right: true },
  { title: "status" },
  { title: "rows", right: true },
  { title: "failed", right: true },
  { title: "created" },
  { title: "importer" },
  { title: "file" },
];

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
    output.printAll(renderTable(COLUMNS, runs.map(cells), width, output.styleOf(stdout)));
  }
  return EXIT.done;
}

function cells(run: RunReport): string[] {
  const { total, processed, failed } = run.progress;
  return [
    String(run.id),
    run.stalled ? "stalled" : run.status,
    run.is_terminal || total === null
      ? formatCount(processed)
      : `${formatCount(processed)} / ${formatCount(total)}`,
    formatCount(failed),
    formatTime(new Date(run.created_at)),
    run.importer,
    run.original_filename ?? "",
  ];
}
