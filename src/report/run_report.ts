/** A run as programs see it: `{data: run}` of the HTTP API and of `--json`. */
import { changesOf } from "./changes.ts";
import { allOverridden } from "../importer/overridden.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { listRuns, type RunFilter } from "../ledger/runs/list_runs.ts";
import { countLeft, type LeftRows, rootOf } from "../ledger/runs/retries.ts";
import { readHealthOf, type RunHealth, type RunProgress } from "../ledger/runs/progress.ts";
import { type HeldRun, requireRun, type Run } from "../ledger/runs/runs.ts";
import { countUnlogged } from "../ledger/rows/unlogged.ts";
import { findUndo, type Undo } from "../ledger/undo/undos.ts";
import { readAs } from "./read_as.ts";
import { ROWS_FAILED } from "../ledger/runs/settle.ts";
import { isTerminal } from "../ledger/runs/statuses.ts";
import type { Uncommitted } from "../ledger/runs/uncommitted.ts";
import { findOtherLoad } from "../ledger/runs/whole_retries.ts";
import { listWaivers } from "../ledger/rows/waived_rows.ts";
import { findFileOfRun } from "../ledger/watched/watched_files.ts";
import { rowReports } from "./row_reports.ts";
import type { ProgressReport, RunReport } from "./report_schema.ts";
import type { RowReport } from "./row_schema.ts";

/** A run and its health, read at the same status. */
export interface RunState {
  readonly run: Run;
  readonly health: RunHealth;
  readonly left: LeftRows;
  /** Failed rows that are not kept. */
  readonly unlogged: number;
  readonly undo: Undo | null;
}

/** Throws NoSuchRun. */
export async function readRunState(ledger: Ledger, id: number): Promise<RunState> {
  // Two statements: if the run's status changed in between, its counts don't belong to the status
  // that was read, so both are read again.
  for (;;) {
    const run = await requireRun(ledger, id);
    const health = await readHealthOf(ledger, run);
    if (health?.status !== run.status) continue;
    return {
      ...{ run, health, left: await countLeft(ledger, run, health.failed) },
      unlogged: await countUnlogged(ledger, run, health.failed),
      undo: run.kind === "undo" || !isTerminal(run.status)
        ? null
        : await findUndo(ledger, rootOf(run)),
    };
  }
}

type FailedRows = LeftRows & Pick<RunState, "unlogged">;

/** Rewrites the run's messages for the reader. */
export type Wording = (run: Run) => Run;

const ALL_WORDS: Wording = (run) => run;

export interface RunReportOptions {
  /** At most this many of its rows, failed ones first; 0 leaves them out. */
  readonly rows: number;
  /** Also where its file lies, if it was found in a watched folder. */
  readonly withPlace?: boolean;
}

/** Throws NoSuchRun. */
export async function runReport(
  ledger: Ledger,
  id: number,
  options: RunReportOptions,
  word = ALL_WORDS,
): Promise<RunReport> {
  const state = await readRunState(ledger, id);
  const { run, health } = state;
  const known = await describeState(ledger, state, word);
  const file = options.withPlace ? await findFileOfRun(ledger, rootOf(run)) : null;
  const report = file === null ? known : { ...known, watched_file: file };
  if (options.rows === 0 || run.definition.options.log_rows === "none") return report;
  return { ...report, rows: await reportRows(ledger, run, health.failed, options.rows) };
}

/** All that is told of a run but its rows and files, on the command line as over HTTP. */
export async function describeState(
  ledger: Ledger,
  { run, health, left, unlogged, undo }: RunState,
  word = ALL_WORDS,
): Promise<RunReport> {
  const about = toRunReport(word(run), health, health, { ...left, unlogged }, undo);
  const told = await withCompletion(ledger, run, await withChanges(ledger, run, about));
  return left.waived === 0 ? told : await withWaivers(ledger, run, told);
}

/** Of a run that has loaded none of its rows: which one does. */
async function withCompletion(ledger: Ledger, run: Run, report: RunReport): Promise<RunReport> {
  const isUnloaded = run.whole && !run.dry_run && isTerminal(run.status) &&
    !run.status.startsWith("completed");
  const other = isUnloaded ? await findOtherLoad(ledger, run) : null;
  return other === null ? report : { ...report, completed_by_run_id: other.id };
}

/** Of a run that was only tried, or is held: what it would change. */
async function withChanges(
  ledger: Ledger,
  run: Run,
  report: RunReport,
): Promise<RunReport> {
  const changes = await changesOf(ledger, run, report.progress);
  return changes === null ? report : { ...report, changes };
}

/** Latest first; without their rows. */
export async function listReport(
  ledger: Ledger,
  filter: RunFilter,
  word = ALL_WORDS,
): Promise<RunReport[]> {
  const listed = await listRuns(ledger, filter);
  return listed.map(({ run, progress, unresolved, unlogged, waived, undo, ...idle }) =>
    toRunReport(word(run), progress, idle, { unresolved, unlogged, waived }, undo)
  );
}

async function reportRows(
  ledger: Ledger,
  run: Run,
  failedRows: number,
  limit: number,
): Promise<RowReport[]> {
  if (failedRows === 0 && run.definition.options.log_rows === "failed") return [];
  const { rows: failed, more } = await rowReports(ledger, run, {
    status: "failed",
    after: 0,
    limit,
  });
  const isFull = failed.length === limit || more;
  if (isFull || run.definition.options.log_rows === "failed") return [...failed];
  // The first `limit` rows contain enough others to fill the rest.
  const first = await rowReports(ledger, run, { status: null, after: 0, limit });
  const others = first.rows.filter((row) => row.status !== "failed");
  return [...failed, ...others.slice(0, limit - failed.length)];
}

/**
 * The report without rows, from data that the caller has read already. The caller leaves out
 * `rows` while no retry can have fixed a row: as long as the run is not finished.
 */
export function toRunReport(
  run: Run,
  progress: RunProgress,
  { stalled, queued_behind }: Pick<RunHealth, "stalled" | "queued_behind">,
  rows: FailedRows = { unresolved: progress.failed, unlogged: 0, waived: 0 },
  undo: Undo | null = null,
): RunReport {
  return {
    id: run.id,
    importer: run.importer,
    status: run.status,
    dry_run: run.dry_run,
    user_id: run.user_id,
    original_filename: run.original_filename,
    ...(run.source.files !== undefined && { files: run.source.files }),
    time_zone: run.settings?.TimeZone ?? null,
    read_as: readAs(run.source),
    checksum: run.checksum,
    same_file: run.same_file && { run_id: run.same_file.run, at: run.same_file.at },
    parent_id: run.parent_id,
    retried_from_run_id: run.retried_from_run_id,
    kind: run.kind,
    undoes_run_id: run.undoes_run_id,
    undo: undo && {
      run_id: undo.id,
      status: undo.status,
      at: undo.completed_at && new Date(undo.completed_at).toISOString(),
      reverted: undo.reverted,
      kept: undo.kept,
    },
    progress: toProgressReport(run, progress, rows),
    stalled,
    queued_behind,
    warnings: run.warnings,
    summary: run.summary,
    // While the run is processing, an error is the reason why it will fail; it hasn't ended yet.
    error: run.error && { code: run.error.code, message: run.error.message },
    cancel_requested_at: run.cancel_requested_at?.toISOString() ?? null,
    cancel_requested_by: run.cancel_requested_by,
    ...(run.held !== null && { held: heldReport(run, run.held) }),
    ...(run.absent !== null && { absent: run.absent }),
    is_terminal: isTerminal(run.status),
    created_at: run.created_at.toISOString(),
    started_at: run.started_at?.toISOString() ?? null,
    completed_at: run.completed_at?.toISOString() ?? null,
    rows_removed_at: run.rows_removed_at?.toISOString() ?? null,
    ...overrides(run),
    ...(run.source.chosen && { only: toOnly(run.source.chosen) }),
    ...(run.source.changed_cells && { changed_cells: run.source.changed_cells }),
  };
}

/** What was said instead of the definition; nothing if nothing was. */
function overrides({ definition }: Run): Pick<RunReport, "overridden"> {
  const overridden = allOverridden(definition);
  return Object.keys(overridden).length === 0 ? {} : { overridden };
}

/** With who has waived rows of the chain, and why. */
async function withWaivers(
  ledger: Ledger,
  run: Run,
  report: RunReport,
): Promise<RunReport> {
  const waivers = await listWaivers(ledger, rootOf(run));
  return {
    ...report,
    waivers: waivers.map(({ at, by, reason, words, rows }) => ({
      ...{ at: at.toISOString(), by, reason, of: words, rows },
    })),
  };
}

function toOnly({ rows, of, words }: NonNullable<Run["source"]["chosen"]>): RunReport["only"] {
  return { rows, of, errors: words };
}

export function toProgressReport(
  run: Pick<Run, "status" | "kind"> & Partial<Pick<Run, "error">>,
  progress: RunProgress,
  { unresolved, unlogged, waived }: FailedRows,
): ProgressReport {
  const { total, processed, successful, failed, created, updated, skipped, deleted } = progress;
  const { uncommitted } = progress;
  // All or none: all rows were tried, and the failed ones are the only ones that are counted.
  const isTried = run.status === "held" || run.error?.code === ROWS_FAILED;
  const rate = isTried ? null : uncommitted?.rows_per_second ?? progress.rows_per_second;
  const rest = total === null ? null : total - processed;
  const togo = rest === null ? null : rest - (uncommitted?.processed ?? 0);
  const stopped = run.status === "cancelled" || run.status === "failed";
  const moving = run.status === "processing" && rate !== null && rate > 0;
  return {
    total,
    processed,
    successful,
    failed,
    created,
    updated,
    skipped,
    deleted,
    untried: isTried ? 0 : stopped ? rest : null,
    unresolved,
    unlogged,
    waived,
    // The later batches of an undo give old values back: nothing is deferred.
    deferred: run.kind === "undo" ? 0 : progress.deferred,
    percent: total === null ? null : percentOf(processed, total),
    rows_per_second: rate === null ? null : Math.round(rate),
    eta_seconds: moving && togo !== null ? Math.round(10 * togo / rate) / 10 : null,
    ...(uncommitted !== null && { uncommitted: toUncommitted(uncommitted, total) }),
  };
}

function toUncommitted(
  { rows_per_second: _, ...counts }: Uncommitted,
  total: number | null,
): ProgressReport["uncommitted"] {
  return { ...counts, percent: total === null ? null : percentOf(counts.processed, total) };
}

/** One decimal, never rounded up to 100. 0 of 0 is 100. */
function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor(1000 * part / whole) / 10;
}

function heldReport(run: Run, held: HeldRun): NonNullable<RunReport["held"]> {
  return {
    at: run.held_at!.toISOString(),
    ...held,
    because: [...held.because],
    released_at: run.released_at?.toISOString() ?? null,
    released_by: run.released_by,
  };
}
