/** The latest runs of importers in a few numbers: what a small chart draws. */
import type { Ledger } from "../ledger.ts";
import type { RunStatus } from "./statuses.ts";

export interface PastRun {
  readonly id: number;
  readonly importer: string;
  readonly status: RunStatus;
  /** Rows that were created, updated or skipped. */
  readonly good: number;
  readonly failed: number;
}

/**
 * The last `most` runs of each importer, the latest first; without dry runs, retries and undos. A run
 * that has ended has its counts in its summary: only the batches of open runs are added up.
 */
export async function lastRunsOf(
  ledger: Ledger,
  importers: readonly string[],
  most: number,
): Promise<readonly PastRun[]> {
  return await ledger.query<PastRun>(
    `select r.id, r.importer, r.status,
       coalesce((r.summary ->> 'created')::bigint + (r.summary ->> 'updated')::bigint
         + (r.summary ->> 'skipped')::bigint, now.good, 0)::bigint as good,
       coalesce((r.summary ->> 'failed')::bigint, now.failed, 0)::bigint as failed
     from unnest($1::text[]) one (importer)
     cross join lateral (
       select id, importer, status, summary from ${ledger.schema}.runs
       where importer = one.importer and kind = 'import' and parent_id is null and not dry_run
       order by id desc limit $2
     ) r
     left join lateral (
       select sum(created + updated + skipped) as good, sum(failed) as failed
       from ${ledger.schema}.batches where run_id = r.id offset 0
     ) now on r.summary is null
     order by r.importer, r.id desc`,
    [importers, most],
  );
}
