import type { RunReport } from "../../report/report_schema.ts";
import { formatCount, formatTime } from "../../report/numbers.ts";

/** How far a run is taken back, and by which one. */
export function undoText(
  { run_id, status, at, reverted, kept }: NonNullable<RunReport["undo"]>,
): string {
  const counts = `reverted ${formatCount(reverted)}, kept ${formatCount(kept)}`;
  if (at === null) return `It is being taken back by run ${run_id}.`;
  return status === "cancelled" || status === "failed"
    ? `Taken back in part by run ${run_id}, which is ${status}: ${counts}.`
    : `Taken back by run ${run_id} on ${formatTime(new Date(at))}: ${counts}.`;
}
