import type { Ledger } from "../ledger.ts";
import type { RunStatus } from "./statuses.ts";

/** How many runs were created since then, by status. */
export async function countRunsSince(
  ledger: Ledger,
  since: Date,
): Promise<ReadonlyMap<RunStatus, number>> {
  const counts = await ledger.query<{ status: RunStatus; runs: number }>(
    `select status, count(*) as runs from ${ledger.schema}.runs where created_at >= $1
     group by status`,
    [since],
  );
  return new Map(counts.map(({ status, runs }) => [status, runs]));
}
