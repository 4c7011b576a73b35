/** A run in a few lines: what it is doing, its outcome, and what to do next. */
import { changeTexts } from "./changes.ts";
import { relatedTexts } from "../../report/related_text.ts";
import { removedRows } from "../../report/absent_text.ts";
import type { RunReport } from "../../report/report_schema.ts";
import { failuresSoFar, soFar, uncommittedText } from "../../report/so_far.ts";
import { flow, type Piece } from "./line.ts";
import { barLines, type Frame } from "./run_bar.ts";
import { type NextStep, nextSteps } from "./next_steps.ts";
import {
  formatCount,
  formatDuration,
  formatRows,
  formatTime,
  ofFailed,
} from "../../report/numbers.ts";
import type { Paint, Style } from "./style.ts";
import { displayWidth, printable, wrap } from "./terminal_text.ts";
import { heading, type RunView } from "./run_heading.ts";
import { undoText } from "./undo_text.ts";

export function renderRun(view: RunView, frame: Frame): string[] {
  const { report } = view;
  const open = report.status === "processing" || report.status === "cancelling";
  return [
    heading(view, frame),
    ...(open || report.progress.processed > 0 ? barLines(report, frame) : []),
    ...(open ? [...paceLines(view, frame), ...waitLines(view, frame)] : []),
    "",
    ...countLines(report, frame),
    ...uncommittedLines(report, frame),
    ...timeLines(report, frame),
    ...cancelLines(report, frame),
    ...onlyLines(report, frame),
    ...readingLines(report, frame),
    ...overriddenLines(report, frame),
    ...sameFileLines(report, frame),
    ...placeLines(report, frame),
    ...noteLines(report, frame),
  ];
}

function paceLines({ report, workers }: RunView, { width, style }: Frame): string[] {
  const { rows_per_second: rate, eta_seconds: eta, deferred } = report.progress;
  const facts = [
    rate === null || rate === 0 ? null : `${formatCount(rate)} rows/s`,
    eta === null ? null : `${formatDuration(eta)} left`,
    workers === null || workers === 0 ? null : workers === 1 ? "1 worker" : `${workers} workers`,
    deferred === 0 ? null : `${formatRows(deferred)} deferred (same key as an earlier row)`,
  ].filter((fact) => fact !== null);
  return facts.length === 0 ? [] : wrap(facts.join(" · "), width).map(style.dim);
}

/** Why it makes no progress, and what the user can do about it. */
function waitLines(view: RunView, { width, style }: Frame): string[] {
  const { report: { id, status, stalled }, waitingOn, stuck } = view;
  const reasons = waitingOn === null ? [] : waitingOn.split("\n").map(capitalized);
  const cancelling = status === "cancelling" && !stalled;
  if (cancelling) reasons.push("Finishing the batches in progress first.");
  const steps = cancelling && waitingOn !== null
    ? [{ text: "Roll them back at once:", command: `ingest cancel ${id} --now` }]
    : stuck
    ? [{
      text: "Its process is suspended or cut off. Resume without it:",
      command: `ingest resume ${id}`,
    }]
    : [];
  return [
    ...reasons.flatMap((reason) => wrap(printable(reason), width)).map(style.yellow),
    ...steps.flatMap((step) => stepLines(step, width, style)),
  ];
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function countLines(report: RunReport, { width, style }: Frame): string[] {
  const { kind, progress, dry_run } = report;
  if (kind === "undo") return flow(undoPieces(report, style), "   ", width);
  const { created, updated, skipped, failed, waived } = soFar(progress);
  const removed = removedRows(report.absent ?? {});
  const pieces: Piece[] = [
    { text: `${dry_run ? "would be created" : "created"} ${formatCount(created)}` },
    { text: `updated ${formatCount(updated)}` },
    { text: `skipped ${formatCount(skipped)}` },
    {
      text: `${dry_run ? "would fail" : "failed"} ${formatCount(failed)}`,
      paint: failed > 0 ? style.red : undefined,
    },
    ...(removed === null ? [] : [{ text: `${removed.what} ${formatCount(removed.rows)}` }]),
    ...(waived > 0 ? [{ text: `waived ${formatCount(waived)}` }] : []),
  ];
  return flow(pieces, "   ", width);
}

/** What these counts are worth as long as they are not committed. */
function uncommittedLines(report: RunReport, { width, style }: Frame): string[] {
  const text = uncommittedText(report);
  if (text === null) return [];
  return [
    ...wrap(text, width).map(style.bold),
    ...failuresSoFar(report).flatMap((line) => wrap(printable(line), width)).map(style.red),
  ];
}

function undoPieces({ progress, dry_run }: RunReport, style: Style): Piece[] {
  const { deleted, updated, failed } = progress;
  const parts = updated === 0
    ? ""
    : ` (deleted ${formatCount(deleted)}, restored ${formatCount(updated)})`;
  const would = dry_run ? "would be " : "";
  return [
    { text: `${would}reverted ${formatCount(deleted + updated)}${parts}` },
    {
      text: `${would}kept ${formatCount(failed)}`,
      paint: failed > 0 ? style.yellow : undefined,
    },
  ];
}

function timeLines(report: RunReport, { width, now, style }: Frame): string[] {
  const by = report.user_id === null ? "" : ` by ${printable(report.user_id)}`;
  const began = new Date(report.started_at ?? report.created_at);
  const ago = (time: Date) =>
    formatDuration(Math.max(0, (now.getTime() - time.getTime()) / 1000)) + " ago";
  const verb = report.started_at === null ? "created" : "started";
  if (report.completed_at === null) {
    return wrap(`${verb} ${formatTime(began)} (${ago(began)})${by}`, width).map(style.dim);
  }
  const passed = (new Date(report.completed_at).getTime() - began.getTime()) / 1000;
  // Without pauses and queueing. Runs of earlier versions don't know it.
  const known = report.summary?.seconds;
  const seconds = typeof known === "number" ? known : passed;
  const { processed } = soFar(report.progress);
  const rate = seconds > 0 && processed > 0
    ? `, ${formatCount(Math.round(processed / seconds))} rows/s`
    : "";
  const text = `${verb} ${formatTime(began)}${by}, took ${formatDuration(seconds)}${rate}`;
  return wrap(text, width).map(style.dim);
}

function cancelLines(report: RunReport, { width, style }: Frame): string[] {
  const { cancel_requested_at: at, cancel_requested_by: by, status } = report;
  if (at === null) return [];
  const what = status === "cancelled" ? "cancelled" : "cancel requested";
  const who = by === null ? "" : ` by ${printable(by)}`;
  return wrap(`${what}${who}, ${formatTime(new Date(at))}`, width).map(style.dim);
}

/** Which of the failed rows a retry tries, if not all. */
function onlyLines({ only }: RunReport, { width, style }: Frame): string[] {
  if (only === undefined) return [];
  return wrap(printable(`retries ${ofFailed(only.rows, only.of)}: ${only.errors}`), width)
    .map(style.dim);
}

/** How the file is read, unless it is what everybody expects. */
function readingLines({ read_as }: RunReport, { width, style }: Frame): string[] {
  const { encoding, format, delimiter, quote, line_end, unpacked, sheet } = read_as;
  if (sheet !== undefined) {
    const from = [...unpacked === null ? [] : [unpacked], `the sheet ${sheet}`].join(", ");
    return wrap(printable(`read from ${from}`), width).map(style.dim);
  }
  const facts = [
    unpacked,
    FORMATS[format],
    encoding === "utf-8" ? null : encoding,
    delimiter === "," || delimiter === null || (format === "copy" && delimiter === "\t")
      ? null
      : `delimiter ${delimiter === "\t" ? "tab" : delimiter}`,
    quote === '"' || format === "copy" || format === "fixed"
      ? null
      : quote === null
      ? "no quotes"
      : `quote ${quote}`,
    line_end === "lf" ? null : "lines end with CR",
  ].filter((fact) => fact !== null);
  if (facts.length === 0) return [];
  return wrap(printable(`read as ${facts.join(", ")}`), width).map(style.dim);
}

/** What was said for this run instead of the definition. */
function overriddenLines({ overridden = {} }: RunReport, { width, style }: Frame): string[] {
  const said = Object.entries(overridden).map(([key, value]) =>
    `${key}: ${value === null ? "nothing" : JSON.stringify(value)}`
  );
  if (said.length === 0) return [];
  return wrap(printable(`instead of the definition: ${said.join(", ")}`), width).map(style.dim);
}

const FORMATS = {
  csv: null,
  xlsx: null,
  json: "JSON",
  ndjson: "NDJSON",
  copy: "COPY text",
  fixed: "columns of fixed width",
} as const;

function sameFileLines({ same_file: same }: RunReport, { width, style }: Frame): string[] {
  if (same === null) return [];
  const text = `run ${same.run_id} loaded the same file, ${formatTime(new Date(same.at))}`;
  return wrap(text, width).map(style.dim);
}

/** Where its file lies, if it was found in a watched folder. */
function placeLines({ watched_file: file }: RunReport, { width, style }: Frame): string[] {
  if (file === undefined) return [];
  const { name, moved_to, message } = file;
  const text = moved_to === null
    ? message ?? `${name} is moved out of the watched folder once the run has ended`
    : `${name} was moved to ${moved_to}`;
  return wrap(printable(text), width).map(style.dim);
}

/** Warnings, the error, and the next step, each with a blank line before it. */
function noteLines(report: RunReport, { width, style }: Frame): string[] {
  const notes: { texts: readonly string[]; paint: Paint }[] = [
    ...addedTexts(report).map((text) => ({ texts: [text], paint: style.bold })),
    ...relatedTexts(report).map((text) => ({ texts: [text], paint: style.bold })),
    ...(report.changes === undefined
      ? []
      : [{ texts: changeTexts(report.changes), paint: style.dim }]),
    ...changeNotes(report, style),
    ...report.warnings.map((text) => ({ texts: [`warning: ${text}`], paint: style.yellow })),
    ...(report.error === null ? [] : [{ texts: errorTexts(report.error), paint: style.red }]),
    ...(report.dry_run && report.is_terminal
      ? [{ texts: ["A dry run: nothing was written to the table."], paint: style.bold }]
      : []),
    ...(report.undo === null ? [] : [{ texts: [undoText(report.undo)], paint: style.bold }]),
  ];
  return [
    ...notes.flatMap(({ texts, paint }) => {
      const lines = texts.flatMap((text) => wrap(printable(text), width));
      return ["", ...lines.map(paint)];
    }),
    ...nextSteps(report).flatMap((step) => ["", ...stepLines(step, width, style)]),
  ];
}

/** `Added 12 rows to companies, by look-ups.` */
function addedTexts({ summary, dry_run }: RunReport): readonly string[] {
  const added = summary?.added;
  if (typeof added !== "object" || added === null) return [];
  const parts = Object.entries(added).map(([table, rows]) => {
    const count = Number(rows);
    return `${count.toLocaleString("en-US")} ${count === 1 ? "row" : "rows"} to ${table}`;
  });
  return [`${dry_run ? "A run would add" : "Added"} ${parts.join(", ")}, by look-ups.`];
}

/** A definition's problems, a line each. Everything else is one text, whatever is in it. */
function errorTexts({ code, message }: NonNullable<RunReport["error"]>): readonly string[] {
  return code === "definition" ? message.split("\n") : [message];
}

/** What an edited file has changed, one paragraph for all columns. */
function changeNotes({ changed_cells: changed = [] }: RunReport, { dim }: Style) {
  if (changed.length === 0) return [];
  const texts = changed.map(({ column, cells, samples, of_sheet }) => {
    const shown = samples.map(({ line, before, after }) =>
      `${of_sheet ? "row" : "line"} ${line}: ${JSON.stringify(before)} became ${
        JSON.stringify(after)
      }`
    );
    const more = cells > samples.length ? ", …" : "";
    return `changed ${column}, ${cells === 1 ? "1 cell" : `${formatCount(cells)} cells`} ` +
      `(${shown.join(", ")}${more})`;
  });
  return [{ texts, paint: dim }];
}

function stepLines({ text, command }: NextStep, width: number, style: Style): string[] {
  if (command === null) return wrap(text, width);
  if (displayWidth(`${text} ${command}`) <= width) return [`${text} ${style.bold(command)}`];
  return [...wrap(text, width), ...wrap(command, width).map(style.bold)];
}
