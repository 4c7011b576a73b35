/** What went wrong in a run: groups with their bars, and what to do about it. */
import { ROWS_FAILED } from "../../ledger/runs/settle.ts";
import {
  type Sample,
  type SummedErrors,
  type SummedGroup,
  validationMessage,
} from "../../report/error_summary.ts";
import { historyText } from "../../report/group_history.ts";
import type { Suggestion } from "../../report/error_schema.ts";
import type { RunReport } from "../../report/report_schema.ts";
import { type Counted, shortenIds } from "../../run/request/choose_errors.ts";
import { renderErrorGroups } from "./error_groups.ts";
import { fit, type Piece } from "./line.ts";
import { formatCount, formatRows, formatTime, ofFailed } from "../../report/numbers.ts";
import { soFar } from "../../report/so_far.ts";
import type { Style } from "./style.ts";
import { displayWidth, printable, truncate, wrap } from "./terminal_text.ts";
import { undoText } from "./undo_text.ts";

export interface ErrorsView {
  readonly report: RunReport;
  readonly errors: SummedErrors;
  /** Of the first row of a group. */
  readonly samples: ReadonlyMap<SummedGroup, Sample>;
  /** Can its rows be exported and retried? */
  readonly logsRows: boolean;
  readonly suggestions?: readonly Suggestion[];
  /** Only rows with certain errors are shown; null: all. */
  readonly only?: Counted | null;
}

export interface ErrorsFrame {
  /** Null: not a terminal. Then nothing is cut or drawn. */
  readonly width: number | null;
  readonly style: Style;
}

/** This many messages fit on a screen; a program gets all of them. */
const GROUPS_ON_A_TERMINAL = 20;
/** The heading, with the count of failed rows at its end, is no wider than this. */
const WIDEST_HEADING = 80;
const UNBOUNDED = 10_000;

/** The groups that will be shown: these need a sample. */
export function shownGroups(errors: SummedErrors, width: number | null): readonly SummedGroup[] {
  const most = width === null ? Infinity : GROUPS_ON_A_TERMINAL;
  return [...errors.rows.slice(0, most), ...errors.validation.slice(0, most)];
}

export function renderErrors(view: ErrorsView, { width, style }: ErrorsFrame): string[] {
  const { errors, samples } = view;
  const room = width ?? UNBOUNDED;
  const shown = new Set(shownGroups(errors, width));
  const all = [...errors.rows, ...errors.validation];
  const short = shortenIds(all.map(({ id }) => id));
  const ids = new Map(all.map((group, i) => [group, short[i]]));
  const section = (groups: readonly SummedGroup[], messageOf: (group: SummedGroup) => string) => [
    ...renderErrorGroups(
      groups.filter((group) => shown.has(group)).map((group) => ({
        id: ids.get(group) ?? group.id,
        count: group.count,
        message: messageOf(group),
        rows: group.sample_rows,
        cells: samples.get(group)?.cells ?? null,
        history: group.history ? historyText(group.history) : null,
        sample: samples.get(group)?.value ?? null,
        remark: remarkOn(group, samples.get(group)),
      })),
      { width, style },
    ),
    ...others(groups.filter((group) => !shown.has(group)), room, style),
  ];
  return [
    ...heading(view, room, style),
    ...facts(view).flatMap((fact) => wrap(fact, room)).map(style.dim),
    ...(errors.rows.length === 0 ? [] : ["", ...section(errors.rows, ({ message }) => message)]),
    ...(errors.validation.length === 0
      ? []
      : ["", style.bold("Validation messages"), ...section(errors.validation, validationMessage)]),
    ...suggestionLines(view, room, style),
    ...nextLines(view, room, style),
  ];
}

function remarkOn({ code }: SummedGroup, sample: Sample | undefined): string | null {
  if (code === "duplicate_in_file") return "repeats an earlier row";
  if (sample?.hint) return printable(sample.hint);
  return sample?.check ? `it wants: ${printable(sample.check)}` : null;
}

function heading(view: ErrorsView, width: number, style: Style): string[] {
  const { report } = view;
  const failed = view.only ? report.progress.failed : view.errors.totalFailedRows;
  const name = `Ingest ${report.kind === "undo" ? "undo" : "run"} #${report.id}`;
  const file = report.original_filename === null ? "" : ` ← ${printable(report.original_filename)}`;
  const what = `  ${printable(report.importer)}${file}`;
  const count: Piece = failed === 0
    ? { text: `no rows ${verbOf(report)}`, paint: style.green }
    : { text: failedRows(report, failed), paint: style.red };
  const title: Piece = { text: name, paint: style.bold };
  const used = displayWidth(name) + displayWidth(what);
  const gap = Math.min(WIDEST_HEADING, width) - used - displayWidth(count.text);
  if (used + displayWidth(count.text) + 2 <= width) {
    return [fit([title, { text: what }, { text: " ".repeat(Math.max(2, gap)) }, count], width)];
  }
  return [
    fit([title, { text: truncate(what, Math.max(0, width - displayWidth(name))) }], width),
    ...wrap(count.text, width).map((line) => count.paint?.(line) ?? line),
  ];
}

function failedRows(report: RunReport, failed: number): string {
  // The counts and the groups were read at different moments.
  const processed = Math.max(soFar(report.progress).processed, failed);
  return `${formatCount(failed)} of ${formatRows(processed)} ${verbOf(report)}`;
}

function verbOf({ kind, dry_run }: RunReport): string {
  if (kind === "undo") return dry_run ? "would be kept" : "kept";
  return dry_run ? "would fail" : "failed";
}

function facts({ report, errors, only }: ErrorsView): string[] {
  const { failed, unresolved, waived } = report.progress;
  const fixed = failed - unresolved - waived;
  const retryOf = report.retried_from_run_id;
  const own = report.status === "failed" && report.error !== null
    ? [`The run itself failed: ${printable(report.error.message)}`]
    : [];
  return [
    ...(retryOf === null ? [] : [`A retry of run ${retryOf}.`]),
    ...(report.undoes_run_id === null ? [] : [`An undo of run ${report.undoes_run_id}.`]),
    ...(report.dry_run
      ? [`A dry run: nothing was ${report.kind === "undo" ? "taken back" : "loaded"}.`]
      : []),
    ...(report.is_terminal ? [] : ["It has not ended: there may be more errors to come."]),
    ...(report.undo === null ? [] : [`${undoText(report.undo)} No retry loads its failed rows.`]),
    ...own,
    ...(only ? [chosenFacts(only, failed)] : []),
    ...(fixed > 0 && errors.totalFailedRows > 0 ? [fixedByRetries(fixed, unresolved, waived)] : []),
    ...(waived > 0 ? waivedFacts(report) : []),
  ];
}

/** Who has decided that rows are not to be loaded, and why. */
function waivedFacts({ waivers = [] }: RunReport): string[] {
  return waivers.map(({ rows, of, by, at, reason }) => {
    const who = by === null ? "" : ` by ${by}`;
    const when = formatTime(new Date(at));
    const are = rows === 1 ? "is" : "are";
    return printable(`${formatRows(rows)} (${of}) ${are} waived${who}, ${when}: ${reason}`);
  });
}

function chosenFacts({ words, rows, unlogged }: Counted, failed: number): string {
  const lacking = unlogged === 0
    ? ""
    : `, of which ${formatCount(unlogged)} ${unlogged === 1 ? "is" : "are"} not kept`;
  return `Only ${printable(words)}: ${ofFailed(rows, failed)}${lacking}.`;
}

function fixedByRetries(fixed: number, left: number, waived: number): string {
  if (left + waived === 0) return "Retries have fixed all of them.";
  const verb = left === 1 ? "is" : "are";
  return `Retries have fixed ${formatCount(fixed)} of them, ${formatCount(left)} ${verb} left.`;
}

function others(left: readonly SummedGroup[], width: number, style: Style): string[] {
  if (left.length === 0) return [];
  const count = left.reduce((sum, group) => sum + group.count, 0);
  const messages = left.length === 1
    ? "1 more message"
    : `${formatCount(left.length)} more messages`;
  const text = `… and ${messages}, ${formatCount(count)} times in all: --json lists them`;
  return wrap(text, width - 2).map((line) => `  ${style.dim(line)}`);
}

/** What the definition could say, so that most of a column's refused values would be taken. */
function suggestionLines(view: ErrorsView, width: number, style: Style) {
  const { suggestions = [], report: { id, undo } } = view;
  if (suggestions.length === 0) return [];
  const texts = suggestions.map(({ column, definition, otherwise, fits, of }) => {
    const other = otherwise === null ? "" : `, or as well ${otherwise}: the values don't tell`;
    const many = fits === of
      ? `all ${formatCount(of)}`
      : `${formatCount(fits)} of ${formatCount(of)}`;
    if (column === null) {
      const rows = of === 1
        ? "the row that could not be read fits"
        : `${many} rows that could not be read fit`;
      return `${rows} ${definition}`;
    }
    const values = of === 1 ? "the refused value fits" : `${many} refused values fit`;
    return `${column}: ${values} ${definition}${other}`;
  });
  return [
    "",
    style.bold("What the definition could say"),
    ...texts.flatMap((text) => wrap(printable(text), width - 2).map((line) => `  ${line}`)),
    // Its rows are not looked at any more.
    ...(undo === null
      ? wrap(`Measured on all failed rows: ingest errors ${id} --suggest`, width - 2)
        .map((line) => `  ${style.dim(line)}`)
      : []),
  ];
}

function nextLines({ report, errors, logsRows, only }: ErrorsView, width: number, style: Style) {
  const { id, progress: { unresolved } } = report;
  if (!only && errors.totalFailedRows === 0 || unresolved === 0) return [];
  if (!logsRows) {
    const why = "The run logs no rows (options.log_rows: none): they can't be exported or retried.";
    return ["", ...wrap(why, width)];
  }
  const { rows_removed_at: removed, progress } = report;
  const { unlogged } = only ?? progress;
  if (removed !== null) {
    const why =
      `Its failed rows were removed on ${formatTime(new Date(removed))}: import the file ` +
      "again to load them.";
    return ["", ...wrap(why, width)];
  }
  if (report.error?.code === ROWS_FAILED && report.dry_run) {
    const why = "All rows or none: correct these in the file, and import all of it.";
    return ["", ...wrap(why, width)];
  }
  const which = only ? ` ${only.options}` : "";
  const isUndo = report.kind === "undo";
  const why = report.undo === null ? "to repair them" : "to look at them in a file";
  const steps = [
    ...(only || isUndo ? [{ command: `ingest rows ${id}${which}`, text: "to look at them" }] : []),
    ...(isUndo ? [] : [{ command: `ingest errors ${id}${which} --export failed.csv`, text: why }]),
  ];
  if (report.is_terminal && !isUndo && report.undo === null) {
    steps.push(
      {
        command: `ingest retry ${id} --file failed.csv`,
        text: report.error?.code === ROWS_FAILED
          ? "load all rows, these as repaired"
          : "load the repaired rows",
      },
      ...(unlogged > 0
        ? []
        : [{ command: `ingest retry ${id}${which}`, text: "try them again unchanged" }]),
      ...(only
        ? [{ command: `ingest waive ${id}${which} --reason "…"`, text: "decide not to load them" }]
        : []),
    );
  }
  const longest = Math.max(...steps.map(({ command }) => command.length));
  const beside = steps.every(({ text }) => 2 + longest + 3 + text.length <= width);
  return [
    "",
    "Next:",
    ...steps.flatMap(({ command, text }) =>
      beside
        ? [`  ${style.bold(command)}${" ".repeat(longest - command.length + 3)}${style.dim(text)}`]
        : [
          ...wrap(command, width).map(style.bold),
          ...wrap(text, width - 2).map((t) => `  ${style.dim(t)}`),
        ]
    ),
  ];
}
