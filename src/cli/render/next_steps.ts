/** The outcome of a run in a line or two, and what the user can do next. */
import { wouldRemove } from "../../report/absent_text.ts";
import { BROKEN_SOURCE } from "../../ledger/runs/runs.ts";
import { ROWS_FAILED } from "../../ledger/runs/settle.ts";
import type { RunReport } from "../../report/report_schema.ts";
import { soFar } from "../../report/so_far.ts";
import { formatCount, formatDuration, formatRows, formatTime } from "../../report/numbers.ts";

export interface NextStep {
  readonly text: string;
  /** Never broken across lines, because people copy it. Null: there is nothing to do. */
  readonly command: string | null;
}

/** Nothing for a run without problems; for a stopped one, its receipt. */
export function nextSteps(report: RunReport): NextStep[] {
  const { id, status } = report;
  const resume = `ingest resume ${id}`;
  if (report.queued_behind !== null) {
    const text = `Queued: the workers are on run ${report.queued_behind}.`;
    return [{ text, command: null }];
  }
  // Its rows are no longer there, so nothing of it can be tried again.
  if (report.undo !== null) return undoneSteps(report.undo);
  if (report.completed_by_run_id !== undefined) {
    const command = `ingest status ${report.completed_by_run_id}`;
    return [{ text: "All of its rows are loaded by another run:", command }];
  }
  switch (status) {
    case "pending":
      return [{
        text: "Waiting for a worker. If neither `ingest work` nor `serve` is running, run it here:",
        command: resume,
      }];
    case "processing":
      if (!report.stalled) return [];
      return [{ text: "Stalled: no process works on it any more. Resume it:", command: resume }];
    case "cancelling":
      if (!report.stalled) return [];
      return [{
        text: "Stalled: no process is left to end it. End it here:",
        command: `ingest cancel ${id}`,
      }];
    case "held":
      return heldSteps(report);
    case "completed":
      return [];
    case "completed_with_errors":
      return report.kind === "undo" ? keptSteps(report) : failureSteps(report);
    case "failed":
    case "cancelled": {
      if (report.error?.code === BROKEN_SOURCE) return brokenSteps(report);
      if (report.error?.code === ROWS_FAILED) {
        return [
          ...failureSteps(report).slice(0, 1),
          ...(report.dry_run ? [] : [{
            text: "Load all rows, once these are corrected:",
            command: `ingest retry ${id}`,
          }]),
          {
            text: "If they were the table's fault, and not the file's, try all rows again:",
            command: resume,
          },
        ];
      }
      // Most errors of a source mean that the file has changed since the run began.
      const how = report.error?.code === "source"
        ? "Resume it once the file is as it was"
        : "Resume it";
      return [
        ...(report.kind === "undo" ? [] : failureSteps(report).slice(0, 1)),
        { text: `${receipt(report)} ${how}:`, command: resume },
      ];
    }
  }
}

/** What to do about rows that failed: see why, then try them again. */
function failureSteps(report: RunReport): NextStep[] {
  const { id, dry_run, progress, rows_removed_at: removed } = report;
  const { processed, failed, unresolved, waived } = progress;
  if (failed === 0) return [];
  const loaded = processed - unresolved - waived;
  const givenUp = waived === 0
    ? ""
    : `, ${formatCount(waived)} ${waived === 1 ? "is" : "are"} waived`;
  const after = failed === unresolved + waived ? "" : "After retries, ";
  if (unresolved === 0) {
    const all = waived === 0
      ? `all ${formatRows(loaded)} are loaded`
      : `${formatCount(loaded)} of ${formatRows(processed)} are loaded`;
    return [{ text: `${after}${all}${givenUp}.`, command: null }];
  }
  const text = unresolved === failed
    ? `${formatRows(failed)} ${dry_run ? "would fail" : "failed"}.`
    : `${after}${formatCount(loaded)} of ${formatRows(processed)} are loaded, ` +
      `${formatCount(unresolved)} still ${unresolved === 1 ? "fails" : "fail"}${givenUp}.`;
  return [
    { text: `${text} See why:`, command: `ingest errors ${id}` },
    ...(dry_run
      ? []
      : removed !== null
      ? [removedRows(removed)]
      : progress.unlogged > 0
      ? [{ text: "To load them, import the file again: not all of them are kept.", command: null }]
      : [{ text: "Try them again:", command: `ingest retry ${id}` }]),
  ];
}

function removedRows(at: string): NextStep {
  const text = `Its failed rows were removed on ${formatTime(new Date(at))}. ` +
    "To load them, import the file again.";
  return { text, command: null };
}

/** Nothing is loaded yet: somebody has to decide. */
function heldSteps({ id, held }: RunReport): NextStep[] {
  if (held === undefined) return [];
  const { rows, created, updated, skipped, failed } = held;
  const [all, some, more, same, bad] = [rows, created, updated, skipped, failed].map(formatCount);
  const because = held.because.join(" ");
  return [
    { text: `Held: nothing is loaded until somebody decides. ${because}`, command: null },
    {
      text: `Of ${all} rows, it would create ${some}, update ${more} and skip ${same}; ${bad} ` +
        `${failed === 1 ? "fails" : "fail"}. ${[wouldRemove(held), "Load them:"].join(" ").trim()}`,
      command: `ingest release ${id}`,
    },
    ...(failed === 0 ? [] : [{ text: "See why rows fail:", command: `ingest errors ${id}` }]),
    { text: "Or load nothing:", command: `ingest cancel ${id}` },
  ];
}

/** Nothing is left to read of its file. */
function brokenSteps(report: RunReport): NextStep[] {
  const { id, dry_run, progress: { successful } } = report;
  return [
    ...failureSteps(report),
    ...(dry_run || successful === 0 ? [] : [{
      text: `${
        formatRows(successful)
      } committed. Take them back, if the whole file brings them again:`,
      command: `ingest undo ${id}`,
    }]),
  ];
}

/** What to do about rows that an undo has left as they are. */
function keptSteps({ id, undoes_run_id, dry_run, progress: { failed } }: RunReport): NextStep[] {
  const text = `${formatRows(failed)} ${
    dry_run ? "would be kept" : failed === 1 ? "is kept" : "are kept"
  }.`;
  return [
    { text: `${text} See why:`, command: `ingest errors ${id}` },
    ...(dry_run ? [] : [{
      text: "Take them back as well, once nothing stands in the way:",
      command: `ingest undo ${undoes_run_id}`,
    }]),
  ];
}

function undoneSteps({ run_id, at, status }: NonNullable<RunReport["undo"]>): NextStep[] {
  if (at === null) return [{ text: "See how far it is:", command: `ingest status ${run_id}` }];
  return status === "cancelled" || status === "failed"
    ? [{ text: "Resume that:", command: `ingest resume ${run_id}` }]
    : [];
}

function receipt(report: RunReport): string {
  const { kind, dry_run, progress: { successful, processed, untried } } = report;
  if (kind === "undo") {
    const would = dry_run ? "would be " : "";
    const left = untried === null ? "the rest was" : `${formatCount(untried)} were`;
    return `${formatRows(successful)} ${would}reverted, ` +
      `${formatCount(processed - successful)} ${would}kept, ${left} never tried.`;
  }
  const [commit, fail] = dry_run ? ["would be committed", "would fail"] : ["committed", "failed"];
  const committed = processed === successful
    ? `${formatRows(successful)} ${commit}`
    : `${formatRows(successful)} ${commit}, ${formatCount(processed - successful)} ${fail}`;
  const rest = untried === null
    ? "the rest of the file was never tried"
    : `${formatCount(untried)} never tried`;
  return `${committed}, ${rest}.`;
}

/** The progress of a run in one line, for logs. */
export function progressLine({ id, status, dry_run, progress }: RunReport): string {
  const { total, processed, percent, failed, rows_per_second: rate, eta_seconds: eta } = soFar(
    progress,
  );
  const facts = [
    total === null
      ? `${formatRows(processed)} so far`
      : `${percent?.toFixed(1)} %, ${formatCount(processed)} of ${formatRows(total)}`,
    rate === null || rate === 0 ? null : `${formatCount(rate)} rows/s`,
    eta === null ? null : `${formatDuration(eta)} left`,
    failed === 0 ? null : `${formatCount(failed)} failed`,
    progress.uncommitted === undefined
      ? null
      : dry_run
      ? progress.uncommitted.doing
      : `${progress.uncommitted.doing}, nothing committed yet`,
  ].filter((fact) => fact !== null);
  return `${dry_run ? "dry run" : "run"} ${id} ${status.replaceAll("_", " ")}: ${facts.join(", ")}`;
}
