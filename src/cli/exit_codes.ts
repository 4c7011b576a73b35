/** The exit codes of commands; scripts rely on them. */
import type { RunReport } from "../report/report_schema.ts";

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  someRowsFailed: 3,
  cancelled: 4,
  notFound: 5,
  unreachable: 6,
  differs: 7,
  held: 8,
} as const;

/**
 * The code of `run`, `resume`, `release` and `wait`. A run that has not ended is not a failure: 0. Nor are failed
 * rows that retries have fixed or somebody has waived.
 */
export function exitCodeOf(
  { status, progress }: Pick<RunReport, "status" | "progress">,
  allowErrors: boolean,
): number {
  switch (status) {
    case "failed":
      return EXIT.failed;
    case "cancelled":
      return EXIT.cancelled;
    case "held":
      return EXIT.held;
    case "completed_with_errors":
      return allowErrors || progress.unresolved === 0 ? EXIT.done : EXIT.someRowsFailed;
    default:
      return EXIT.done;
  }
}
