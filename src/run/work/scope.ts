/** Which runs this process works on. */
import type { Run } from "../../ledger/runs/runs.ts";
import type { WorkScope } from "../../ledger/runs/scope.ts";
import { needsBucket, readsBuckets } from "./bucket_access.ts";

/** `onlyRun` null: all runs whose files this host can see. */
export function scopeOf(onlyRun: number | null): WorkScope {
  return onlyRun === null ? { host: Deno.hostname(), buckets: readsBuckets() } : { run: onlyRun };
}

/** Can this host have the run's file? A file that is not in storage is only on its own host. */
export function mayHaveSource(
  run: Pick<Run, "source" | "parent_id">,
  onlyRun: number | null,
): boolean {
  if (onlyRun !== null) return true;
  if (needsBucket(run) && !readsBuckets()) return false;
  const { host } = run.source;
  return host === null || host === Deno.hostname();
}
