/** A list of runs. */
import type { RunReport } from "../../report/report_schema.ts";
import { fit } from "./line.ts";
import { formatCount, formatTime } from "../../report/numbers.ts";
import { soFar } from "../../report/so_far.ts";
import { statusPaint } from "./run_heading.ts";
import type { Style } from "./style.ts";
import { renderTable, type TextColumn } from "./text_table.ts";
import { displayWidth, printable, truncate } from "./terminal_text.ts";

interface Column extends TextColumn {
  readonly cell: (run: RunReport) => string;
  /** Left out if no run of the list has it. */
  readonly optional?: true;
}

const COLUMNS: readonly Column[] = [
  { title: "run", right: true, cell: (run) => String(run.id) },
  { title: "status", cell: status },
  { title: "kind", optional: true, cell: kind },
  { title: "rows", right: true, cell: rows },
  { title: "failed", right: true, cell: (run) => formatCount(run.progress.failed) },
  { title: "unresolved", right: true, optional: true, cell: unresolved },
  { title: "waived", right: true, optional: true, cell: waived },
  { title: "created", cell: created },
  { title: "importer", cell: (run) => run.importer },
  { title: "file", cell: (run) => run.original_filename ?? "" },
];

/** Columns that a file's name needs at least in a table that is too wide. */
const LEAST_FILE = 10;

/**
 * A table, without the files' names if there is no room for them. On narrow terminals, three
 * lines for each run. Null width: not a terminal, nothing is cut.
 */
export function renderRuns(
  runs: readonly RunReport[],
  width: number | null,
  style: Style,
): string[] {
  const columns = COLUMNS.filter(({ optional, cell }) =>
    optional !== true || runs.some((run) => cell(run) !== "")
  );
  const table = (of: readonly Column[], width: number | null) =>
    renderTable(of, runs.map((run) => of.map(({ cell }) => cell(run))), width, style);
  if (width !== null) {
    const withoutFiles = columns.slice(0, -1);
    const needed = Math.max(...table(withoutFiles, null).map((line) => displayWidth(line)));
    if (needed > width) return renderBlocks(runs, width, style);
    if (needed + 2 + LEAST_FILE > width) return table(withoutFiles, width);
  }
  return table(columns, width);
}

function renderBlocks(runs: readonly RunReport[], width: number, style: Style): string[] {
  return runs.flatMap((run) => {
    const { processed } = soFar(run.progress);
    const { failed } = run.progress;
    const left = unresolved(run);
    const counts = [
      `${rows(run)} ${processed === 1 ? "row" : "rows"}`,
      failed === 0 ? null : `${formatCount(failed)} failed`,
      left === "" ? null : `${left} unresolved`,
      waived(run) === "" ? null : `${waived(run)} waived`,
    ].filter((count) => count !== null);
    return [
      fit([
        { text: `${run.id} `, paint: style.bold },
        { text: status(run), paint: statusPaint(run, style) },
        { text: kind(run) === "" ? "" : `  ${kind(run)}` },
      ], width),
      truncate(`  ${counts.join(", ")}`, width),
      style.dim(truncate(`  ${created(run)}  ${what(run)}`, width)),
    ];
  });
}

function what({ importer, original_filename: file }: RunReport): string {
  return printable(file === null ? importer : `${importer} ← ${file}`);
}

function status(run: RunReport): string {
  if (run.stalled) return "stalled";
  return run.queued_behind === null ? run.status : "queued";
}

function kind({ retried_from_run_id: from, undoes_run_id, undo, dry_run: dry }: RunReport): string {
  return [
    from === null ? "" : `retry of ${from}`,
    undoes_run_id === null ? "" : `undo of ${undoes_run_id}`,
    dry ? "dry run" : "",
    undo === null ? "" : `undone by ${undo.run_id}`,
  ]
    .filter((part) => part !== "").join(", ");
}

function rows(run: RunReport): string {
  const { total, processed } = soFar(run.progress);
  return run.is_terminal || total === null
    ? formatCount(processed)
    : `${formatCount(processed)} / ${formatCount(total)}`;
}

/** Empty unless a retry has changed it. */
function unresolved({ progress: { failed, unresolved } }: RunReport): string {
  return unresolved === failed ? "" : formatCount(unresolved);
}

function waived({ progress }: RunReport): string {
  return progress.waived === 0 ? "" : formatCount(progress.waived);
}

function created(run: RunReport): string {
  return formatTime(new Date(run.created_at));
}
