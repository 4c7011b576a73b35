import type { BatchCounts } from "../../ledger/batches/batches.ts";

export type SummedCounts = { -readonly [Name in keyof BatchCounts]: number };

export function noCounts(): SummedCounts {
  return { created: 0, updated: 0, skipped: 0, taken: 0, failed: 0, unlogged: 0, deferred: 0 };
}

export function addCounts(total: SummedCounts, counts: BatchCounts): void {
  for (const name of Object.keys(total) as (keyof BatchCounts)[]) total[name] += counts[name];
}
