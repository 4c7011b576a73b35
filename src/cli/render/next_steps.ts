/** What became of a run, in a line or two, and what the person who reads it can do now. */
import type { RunReport } from "../../report/schema.ts";
import { formatCount, formatDuration, formatRows } from "./numbers.ts";

/** Nothing for a run that is well; for one that was stopped, its receipt. */
export function nextSteps(report: RunReport): string[] {
  const { id, status, progress: { failed } } = report;
  const see = `${formatRows(failed)} failed. See them: ingest rows ${id} --status failed`;
  switch (status) {
    case "pending":
      return [`Waits for a worker: ingest work, or here: ingest resume ${id}`];
    case "processing":
    case "cancelling":
      if (!report.stalled) return [];
      return [`Stalled: nobody works on it any more. Go on: ingest resume ${id}`];
    case "completed":
      return [];
    case "completed_with_errors":
      return [see];
    case "failed":
    case "cancelled":
      return [...(failed > 0 ? [see] : []), receipt(report)];
  }
}

function receipt({ id, progress: { successful, processed, untried } }: RunReport): string {
  const committed = processed === successful
    ? `${formatRows(successful)} committed`
    : `${formatRows(successful)} committed, ${formatCount(processed - successful)} failed`;
  const rest = untried === null
    ? "the rest of the file was never tried"
    : `${formatCount(untried)} never tried`;
  return `${committed}, ${rest}. Go on: ingest resume ${id}`;
}

/** The same in one line, for logs. */
export function progressLine({ id, status, progress }: RunReport): string {
  const { total, processed, percent, failed, rows_per_second: rate, eta_seconds: eta } = progress;
  const facts = [
    total === null
      ? `${formatRows(processed)} so far`
      : `${percent?.toFixed(1)} %, ${formatCount(processed)} of ${formatRows(total)}`,
    rate === null || rate === 0 ? null : `${formatCount(rate)} rows/s`,
    eta === null ? null : `${formatDuration(eta)} left`,
    failed === 0 ? null : `${formatCount(failed)} failed`,
  ].filter((fact) => fact !== null);
  return `run ${id} ${status.replaceAll("_", " ")}: ${facts.join(", ")}`;
}
