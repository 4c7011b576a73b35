import { wasPruned } from "../../ledger/runs/deletion.ts";
import { readProgress } from "../../ledger/runs/progress.ts";
import { requireRun } from "../../ledger/runs/runs.ts";
import { countUnlogged } from "../../ledger/rows/unlogged.ts";
import { sheetOf } from "../../report/places.ts";
import { rowReports } from "../../report/row_reports.ts";
import type { RowStatus } from "../../row/outcome.ts";
import { chooseErrors, countChosen, nothingChosen } from "../../run/request/choose_errors.ts";
import { withDatabase } from "../connect.ts";
import { type ErrorFlags, errorsAsked } from "../error_flags.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";
import { formatCount, formatTime } from "../../report/numbers.ts";
import { renderRows } from "../render/rows.ts";

export interface RowsFlags extends DatabaseFlags, ErrorFlags {
  readonly status?: RowStatus;
  readonly limit: number;
  readonly after: number;
}

export async function rowsCommand(id: number, flags: RowsFlags, output: Output): Promise<number> {
  const { run, rows, more, pruned, nothing, failed, unlogged, words } = await withDatabase(
    readSettings(flags),
    output,
    { migrate: false },
    async ({ ledger }) => {
      const run = await requireRun(ledger, id);
      const { after, limit } = flags;
      const filter = { status: flags.status ?? null, after, limit };
      const chosen = await chooseErrors(ledger, run, errorsAsked(flags));
      const { rows, more } = await rowReports(ledger, run, filter, chosen);
      const pruned = rows.length === 0 && await wasPruned(ledger, id);
      const isNone = chosen !== null && rows.length === 0 && after === 0 && !pruned;
      const { failed: all } = await readProgress(ledger, id);
      const unloggedOfAll = await countUnlogged(ledger, run, all);
      const counted = chosen !== null && unloggedOfAll > 0
        ? await countChosen(ledger, run, chosen)
        : null;
      const { rows: failed, unlogged } = counted ?? { rows: all, unlogged: unloggedOfAll };
      const nothing = !isNone
        ? null
        : unlogged > 0
        ? "No rows match."
        : await nothingChosen(ledger, run, chosen);
      return { run, rows, more, pruned, nothing, failed, unlogged, words: chosen?.words };
    },
  );
  const next = more ? rows[rows.length - 1].row_number : null;
  if (flags.json) {
    output.json({ data: rows, meta: { next_cursor: next === null ? null : String(next) } });
    return EXIT.done;
  }
  if (unlogged > 0) {
    const kept = formatCount(failed - unlogged);
    output.note(
      `Only ${kept} of ${formatCount(failed)} failed rows ${
        words === undefined ? "" : `that have ${words} `
      }are kept (options.max_failed_rows_logged).`,
    );
  }
  if (rows.length === 0) {
    const whyPruned =
      `Run ${id} no longer has such rows: \`ingest prune\` deleted the rows that no retry needs.`;
    const { rows_removed_at: removed } = run;
    const whyRemoved = removed === null
      ? null
      : `The rows that run ${id} had logged were removed on ${formatTime(removed)} (options.keep).`;
    output.note(
      whyRemoved ??
        (pruned ? whyPruned : whyNone(id, run.definition.options.log_rows, flags, nothing)),
    );
    return EXIT.done;
  }
  const { width, style } = output.listFrame();
  output.printAll(renderRows(rows, width, style, sheetOf(run.source.format)));
  if (rows.some(({ cut }) => cut !== undefined)) {
    output.note(`Long values are cut. All of them: ingest errors ${id} --export failed.csv`);
  }
  if (next !== null) output.note(`There are more: --after ${next}`);
  return EXIT.done;
}

function whyNone(
  id: number,
  logged: string,
  { status, after }: RowsFlags,
  nothing: string | null,
): string {
  if (logged === "none") return `Run ${id} logs no rows (options.log_rows: none).`;
  if (nothing !== null && (status === undefined || status === "failed")) return nothing;
  if (logged === "all" || status === "failed" || after > 0) return "No rows match.";
  const onlyFailed = "(options.log_rows: all logs every row)";
  return status === undefined
    ? `No row of run ${id} has failed, and it logs no others ${onlyFailed}.`
    : `Run ${id} logs only rows that failed ${onlyFailed}.`;
}
