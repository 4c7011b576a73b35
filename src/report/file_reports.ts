/** The files of a run that reads several, and what came of each. */
import { readFailed } from "../ledger/groups/chosen_errors.ts";
import { countFileOutcomes } from "../ledger/runs/file_counts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { rootOf } from "../ledger/runs/retries.ts";
import { listRunFiles } from "../ledger/runs/run_files.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { FileReport } from "./report_schema.ts";

export interface FileReports {
  readonly files: readonly FileReport[];
  /** The number of the last one, if there are more after it. */
  readonly next: number | null;
}

/** In the order of their rows, after the file with this number. Empty if the run reads only one. */
export async function fileReports(
  ledger: Ledger,
  run: Run,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<FileReports> {
  if (run.source.files === undefined) return { files: [], next: null };
  const found = await listRunFiles(ledger, rootOf(run), { after, limit: limit + 1 });
  const failed = await readFailed(ledger, run.id);
  const [first, last] = [found.at(0)?.number ?? 0, found.at(-1)?.number ?? 0];
  const { counts, areKnown } = await countFileOutcomes(ledger, run.id, { first, last });
  const files = found.slice(0, limit).map(
    ({ number, name, size, checksum, rows, rows_before: before }) => {
      const counted = rows === null || before === null
        ? null
        : failed.countBefore(before + rows + 1) - failed.countBefore(before + 1);
      const { created = 0, updated = 0, skipped = 0 } = counts.get(number) ?? {};
      const outcomes = areKnown
        ? { created, updated, skipped }
        : { created: null, updated: null, skipped: null };
      return { number, name, size, checksum, rows, ...outcomes, failed: counted };
    },
  );
  return { files, next: found.length > limit ? files[files.length - 1].number : null };
}
