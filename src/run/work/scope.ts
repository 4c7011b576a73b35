/** What this process works on. */
import type { Run } from "../../ledger/runs.ts";
import type { WorkScope } from "../../ledger/scope.ts";

/** Null: all runs whose files this host can see. */
export function scopeOf(onlyRun: number | null): WorkScope {
  return onlyRun === null ? { host: Deno.hostname() } : { run: onlyRun };
}

/** Can the run's file be here? One that was not copied into storage is on its own host only. */
export function mayHaveSource({ source }: Pick<Run, "source">, onlyRun: number | null): boolean {
  return onlyRun !== null || source.host === null || source.host === Deno.hostname();
}
