/** Which runs this process works on. */
import type { Run } from "../../ledger/runs.ts";
import type { WorkScope } from "../../ledger/scope.ts";

/** `onlyRun` null: all runs whose files this host can see. */
export function scopeOf(onlyRun: number | null): WorkScope {
  return onlyRun === null ? { host: Deno.hostname() } : { run: onlyRun };
}

/** Can this host have the run's file? A file that is not in storage is only on its own host. */
export function mayHaveSource({ source }: Pick<Run, "source">, onlyRun: number | null): boolean {
  return onlyRun !== null || source.host === null || source.host === Deno.hostname();
}
