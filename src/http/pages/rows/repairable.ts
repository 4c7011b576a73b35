import type { RunReport } from "../../../report/report_schema.ts";

/** Can failed rows of this run be corrected now? */
export function isRepairable({ kind, dry_run, undo, is_terminal, progress }: RunReport): boolean {
  return kind === "import" && !dry_run && undo === null && is_terminal && progress.unresolved > 0;
}
