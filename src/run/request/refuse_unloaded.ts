import type { Run } from "../../ledger/runs.ts";
import { Refused } from "./refused.ts";

/**
 * Throws Refused for a run that was all rows or none and has loaded none: with its failed rows alone,
 * the rest of the file would be missing. `cannot`: `Cannot retry run 12`.
 */
export function refuseUnloaded({ whole, status, dry_run }: Run, cannot: string): void {
  if (!whole || dry_run || status !== "failed" && status !== "cancelled") return;
  throw new Refused(
    `${cannot}: it was all rows or none (options.transaction: run), and none was loaded. ` +
      "Correct the failed rows in the file, and import all of it again.",
  );
}
