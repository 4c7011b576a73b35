/** Where things stand, in a screen at most. */
import { ROWS_FAILED } from "../../ledger/runs/settle.ts";
import type { Overview } from "../../report/overview.ts";
import type { RunReport } from "../../report/report_schema.ts";
import { soFar } from "../../report/so_far.ts";
import { formatCount, formatDuration, formatRows } from "../../report/numbers.ts";
import { bar } from "./bar.ts";
import { fit, type Piece } from "./line.ts";
import { nextSteps } from "./next_steps.ts";
import { statusPaint } from "./run_heading.ts";
import type { Style } from "./style.ts";
import { padEnd, printable, truncate, wrap } from "./terminal_text.ts";

export type Standing =
  | { readonly kind: "ready"; readonly database: string; readonly overview: Overview }
  /** The database is there; ingest has no tables in it. */
  | { readonly kind: "unused"; readonly database: string }
  /** The embedded one isn't running. `announced`: it was asked for, else nothing is named. */
  | { readonly kind: "stopped"; readonly home: string; readonly announced: boolean }
  /** The embedded one was asked for, and was never used. */
  | { readonly kind: "fresh"; readonly home: string }
  /** Nothing names a database, and there was never an embedded one. */
  | { readonly kind: "none" };

interface Frame {
  readonly width: number;
  readonly style: Style;
  readonly drawsBars: boolean;
}

/** Without a terminal, nothing is cut. */
const UNBOUNDED = 10_000;

/** Runs in each part; the rest are counted. */
const SHOWN = 5;

const ALL_COMMANDS = { text: "All commands:", command: "ingest --help" };

export function renderOverview(
  standing: Standing,
  width: number | null,
  style: Style,
): string[] {
  const frame = { width: width ?? UNBOUNDED, style, drawsBars: width !== null };
  switch (standing.kind) {
    case "ready":
      return renderReady(standing.database, standing.overview, frame);
    case "unused":
      return [
        ...wrap(
          printable(`Connected to ${standing.database}. Nothing was loaded yet.`),
          frame.width,
        ),
        ...firstSteps(frame),
      ];
    case "stopped": {
      const { home, announced } = standing;
      const named = announced ? "" : "No database is named. ";
      const text = `${named}Ingest's own Postgres in ${printable(home)} is not running. Commands ` +
        "that need it start it.";
      return [
        ...wrap(text, frame.width),
        "",
        ...stepsOf([
          { text: "See its runs:", command: `ingest runs${announced ? " --embedded" : ""}` },
          { text: "Keep it running:", command: "ingest db start" },
          ALL_COMMANDS,
        ], frame),
      ];
    }
    case "fresh": {
      const text = `Ingest's own Postgres in ${printable(standing.home)} was not used yet. ` +
        "Commands that need it start it.";
      return [
        ...wrap(text, frame.width),
        "",
        ...stepsOf([{ text: "Make a table in it:", command: "ingest db psql" }], frame),
        ...firstSteps(frame, " --embedded"),
      ];
    }
    case "none":
      return [
        ...wrap(
          "No database is named yet. Name yours, or let ingest run a Postgres of its own " +
            "(--embedded).",
          frame.width,
        ),
        "",
        ...stepsOf([
          { text: "Yours:", command: "export DATABASE_URL=postgres://user@host/database" },
        ], frame),
        ...firstSteps(frame),
      ];
  }
}

/** The two commands that everybody begins with. */
function firstSteps(frame: Frame, flag = ""): string[] {
  const load = `ingest run --table customers --key email --file customers.csv${flag}`;
  return [
    "",
    ...stepsOf([
      {
        text: "See how a file would be understood:",
        command: `ingest check --table customers --file customers.csv${flag}`,
      },
      { text: "Load it into a table that exists:", command: load },
      ALL_COMMANDS,
    ], frame),
  ];
}

function renderReady(database: string, overview: Overview, frame: Frame): string[] {
  const { today, active, held, failed, unresolved } = overview;
  const { width, style } = frame;
  const isCalm = active.length + held.length + failed.length + unresolved.runs.length === 0;
  return [
    truncate(printable(database), width),
    ...wrap(describeToday(today), width).map(style.bold),
    ...part("Now", active, frame, (run) => activeLines(run, frame)),
    ...part("Held until somebody decides", held, frame, (run) => heldLines(run, frame)),
    ...part("Failed today", failed, frame, (run) => failedLines(run, frame)),
    ...part(describeUnresolved(unresolved), unresolved.runs, frame, (run) => [
      named(run, [{ text: `  ${formatRows(run.progress.unresolved)}`, paint: style.red }], frame),
      command(`ingest errors ${run.id}`, frame),
    ]),
    ...(isCalm ? ["", style.green("Nothing waits for you.")] : []),
    "",
    ...stepsOf([
      ...(today.runs > 0 || !isCalm ? [{ text: "The latest runs:", command: "ingest runs" }] : []),
      ALL_COMMANDS,
    ], frame),
  ];
}

function describeToday({ runs, by_status }: Overview["today"]): string {
  if (runs === 0) return "No runs today";
  const parts = Object.entries(by_status).filter(([, count]) => count > 0)
    .map(([status, count]) => `${formatCount(count)} ${status.replaceAll("_", " ")}`);
  return `${formatCount(runs)} ${runs === 1 ? "run" : "runs"} today: ${parts.join(", ")}`;
}

function describeUnresolved({ rows, runs, complete }: Overview["unresolved"]): string {
  const where = runs.length === 1 ? "1 run" : `${formatCount(runs.length)} runs`;
  return `${complete ? "" : "At least "}${formatRows(rows)} of ${where} failed and ` +
    `${rows === 1 ? "waits" : "wait"} for a decision`;
}

function part(
  title: string,
  runs: readonly RunReport[],
  { width, style }: Frame,
  render: (run: RunReport) => readonly string[],
): string[] {
  if (runs.length === 0) return [];
  const more = runs.length - SHOWN;
  return [
    "",
    ...wrap(title, width).map(style.bold),
    ...runs.slice(0, SHOWN).flatMap(render),
    ...(more > 0 ? [style.dim(truncate(`  and ${formatCount(more)} more`, width))] : []),
  ];
}

const INDENT = 4;

/** Columns of a bar; on narrow terminals, there is none. */
const WIDEST_BAR = 20;
const NARROWEST_BAR = 6;

function activeLines(run: RunReport, frame: Frame): string[] {
  const { style, drawsBars, width } = frame;
  const { percent, rows_per_second: rate, eta_seconds: eta, processed, failed } = soFar(
    run.progress,
  );
  const trouble = run.stalled ? "stalled" : run.queued_behind === null ? run.status : "queued";
  const facts = [
    percent === null ? formatRows(processed) : `${percent.toFixed(1)} %`,
    rate === null || rate === 0 ? null : `${formatCount(rate)} rows/s`,
    eta === null ? null : `${formatDuration(eta)} left`,
    failed === 0 ? null : `${formatCount(failed)} failed`,
    run.progress.uncommitted === undefined ? null : "not committed yet",
  ].filter((fact) => fact !== null).join(" · ");
  const room = Math.min(WIDEST_BAR, width - INDENT - facts.length - 1);
  const drawn = drawsBars && percent !== null && !run.stalled && room >= NARROWEST_BAR
    ? `${bar(percent / 100, room)} `
    : "";
  const step = nextSteps(run).find((each) => each.command !== null);
  return [
    named(run, [{ text: `  ${trouble}`, paint: statusPaint(run, style) }], frame),
    fit([{ text: "    " }, { text: drawn, paint: style.cyan }, { text: facts }], width),
    ...(step?.command ? [command(step.command, frame)] : []),
  ];
}

function heldLines(run: RunReport, frame: Frame): string[] {
  const why = printable(run.held?.because.join(" ") ?? "");
  return [
    named(run, [], frame),
    fit([{ text: `    ${why}` }], frame.width),
    command(`ingest release ${run.id}`, frame),
  ];
}

function failedLines(run: RunReport, frame: Frame): string[] {
  const { width, style } = frame;
  const steps = nextSteps(run).filter((each) => each.command !== null);
  // The file has to be corrected: see what is wrong with it.
  const step = run.error?.code === ROWS_FAILED ? steps[0] : steps.at(-1);
  return [
    named(run, [], frame),
    fit(
      [{ text: `    ${printable(run.error?.message ?? "reason unknown")}`, paint: style.red }],
      width,
    ),
    ...(step?.command ? [command(step.command, frame)] : []),
  ];
}

function named(run: RunReport, rest: readonly Piece[], { width, style }: Frame): string {
  const file = run.original_filename === null ? "" : ` ← ${printable(run.original_filename)}`;
  const kind = run.undoes_run_id !== null
    ? `undo of ${run.undoes_run_id} `
    : run.retried_from_run_id !== null
    ? `retry of ${run.retried_from_run_id} `
    : run.dry_run
    ? "dry run "
    : "";
  const room = width - 2 - String(run.id).length - 2 -
    rest.reduce((sum, { text }) => sum + text.length, 0);
  return fit([
    { text: "  " },
    { text: `#${run.id}`, paint: style.bold },
    { text: ` ${truncate(`${kind}${printable(run.importer)}${file}`, Math.max(8, room))}` },
    ...rest,
  ], width);
}

function command(text: string, { width, style }: Frame): string {
  return fit([{ text: "    → " }, { text, paint: style.cyan }], width);
}

function stepsOf(
  steps: readonly { readonly text: string; readonly command: string }[],
  { width, style }: Frame,
): string[] {
  const widest = Math.max(...steps.map(({ text }) => text.length));
  return steps.flatMap(({ text, command }) =>
    widest + 2 + command.length <= width ? [`${padEnd(text, widest)}  ${style.bold(command)}`] : [
      ...wrap(text, width),
      ...wrap(command, Math.max(10, width - 2)).map((line) => `  ${style.bold(line)}`),
    ]
  );
}
