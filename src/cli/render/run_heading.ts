/** The first line about a run: which it is, and how it stands. */
import type { RunReport } from "../../report/report_schema.ts";
import { fit, type Piece } from "./line.ts";
import { type Frame, WIDEST_BAR } from "./run_bar.ts";
import type { Paint, Style } from "./style.ts";
import { displayWidth, printable, truncate } from "./terminal_text.ts";

export interface RunView {
  readonly report: RunReport;
  /** Batches that are being loaded now; null: unknown. */
  readonly workers: number | null;
  /** What they are waiting for, a line for each reason. */
  readonly waitingOn: string | null;
  /** One of them has been silent for a long time. */
  readonly stuck: boolean;
}

/** Columns of ` ← file…` and the space before the importer. */
const LEAST_FILE = 10;

export function heading({ report, stuck }: RunView, { width, style }: Frame): string {
  const trouble = report.stalled
    ? " (stalled)"
    : report.queued_behind !== null
    ? " (queued)"
    : stuck
    ? " (stuck)"
    : "";
  const status = report.status.replaceAll("_", " ") + trouble;
  const kind = report.kind === "undo" ? "undo" : "run";
  const name = `Ingest ${report.dry_run ? `dry ${kind}` : kind} #${report.id}`;
  const room = Math.max(0, width - displayWidth(name) - status.length - 2);
  const file = report.original_filename === null ? "" : ` ← ${printable(report.original_filename)}`;
  // The file's name is left out if there is no room for enough of it.
  const showsFile = room >= displayWidth(report.importer) + LEAST_FILE;
  const of = report.undoes_run_id === null ? "" : ` of run ${report.undoes_run_id}`;
  const what = truncate(`${of}  ${printable(report.importer)}${showsFile ? file : ""}`, room);
  const used = displayWidth(name) + displayWidth(what) + status.length;
  const gap = " ".repeat(Math.max(2, Math.min(WIDEST_BAR + 25, width) - used));
  const pieces: Piece[] = [
    { text: name, paint: style.bold },
    { text: what },
    { text: gap },
    { text: status, paint: stuck ? style.red : statusPaint(report, style) },
  ];
  return fit(pieces, width);
}

export function statusPaint(report: RunReport, style: Style): Paint {
  if (report.stalled) return style.red;
  switch (report.status) {
    case "completed":
      return style.green;
    case "failed":
      return style.red;
    case "processing":
    case "pending":
      return style.cyan;
    default:
      return style.yellow;
  }
}
