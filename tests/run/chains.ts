/** Chains of ended runs, made by SQL, for tests of deletion. */
import assert from "node:assert/strict";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { createRetry } from "../../src/run/request/retry/retry.ts";
import type { Workshop } from "./importing.ts";
import { markTried } from "./retrying.ts";

export const PEOPLE = "create table people (id int primary key)";
export const DEFINITION = "table: people\nkey: [id]\non_duplicate: fail\noptions: {log_rows: all}";

/** An ended run with `good` rows that were created, followed by `bad` rows that failed. */
export async function loaded(
  shop: Workshop,
  good: number,
  bad: number,
  options: { readonly dryRun?: boolean } = {},
): Promise<Run> {
  await shop.session.execute("truncate people");
  const rows = [
    ...Array.from({ length: good }, (_, i) => String(i)),
    ...Array.from({ length: bad }, (_, i) => `x${i}`),
  ];
  return await shop.drive(await shop.create(DEFINITION, ["id", ...rows, ""].join("\n"), options));
}

/** A real retry, with the run's own definition; no worker has started on it. */
export async function retry(shop: Workshop, run: Run, dryRun = false): Promise<Run> {
  const made = await createRetry(shop.ledger, {
    run,
    chooseDefinition: () => Promise.resolve({ definition: run.definition }),
    user: "tester",
    dryRun,
    file: null,
    spoolFolder: "/nonexistent",
  });
  assert.ok(made.made);
  return made.run;
}

export interface RetryMade {
  /** The run that was retried. */
  readonly of: Run;
  readonly dryRun?: boolean;
  readonly status?: string;
  /** Rows of the root that the retry loaded, and those that failed again. */
  readonly fixed?: readonly number[];
  readonly failed?: readonly number[];
}

/** A retry that has ended. With another status, it has loaded nothing yet. */
export async function retried(shop: Workshop, retry: RetryMade): Promise<Run> {
  const { of, dryRun = false, status = "completed", fixed = [], failed = [] } = retry;
  const root = of.parent_id ?? of.id;
  const ended = status.startsWith("completed") || status === "cancelled";
  const [run] = await shop.session.query<Run>(
    `insert into ingest.runs (importer, definition, source, header, dry_run, parent_id,
       retried_from_run_id, status, completed_at)
     select importer, definition, source, header, $3, $2, id, $4, case when $5 then now() end
     from ingest.runs where id = $1 returning *`,
    [of.id, root, dryRun, status, ended],
  );
  await shop.session.execute(
    `insert into ingest.batches (run_id, number, first_row, last_row, first_line, byte_start,
       byte_end, row_count, status, created, failed)
     values ($1, 1, 1, 1, 1, 0, 0, $2::int + $3::int, 'completed', $2, $3)`,
    [run.id, fixed.length, failed.length],
  );
  await shop.session.execute(
    `insert into ingest.logged_rows (run_id, row_number, line, status, raw, data)
     select $1, row_number, line, case when row_number = any($3::bigint[]) then 'failed'
       else 'created' end, raw, data
     from ingest.rows where run_id = $2 and row_number = any($3::bigint[] || $4::bigint[])`,
    [run.id, root, failed, fixed],
  );
  if (!dryRun && fixed.length > 0) await markTried(shop.ledger, root, run.id, fixed);
  return run;
}

/** Makes the runs end this many days ago. */
export async function age(shop: Workshop, days: number, ...runs: readonly Run[]): Promise<void> {
  await shop.session.execute(
    `update ingest.runs set completed_at = now() - make_interval(days => $1)
     where id = any($2::bigint[])`,
    [days, runs.map(({ id }) => id)],
  );
}

/** How many rows of any run each table of the ledger has. */
export async function leftovers(shop: Workshop): Promise<Record<string, number>> {
  const tables = [
    "runs",
    "batches",
    "rows",
    "retried_ranges",
    "batch_errors",
    "deferred",
    "corrections",
    "run_events",
  ];
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [{ n }] = await shop.session.query<{ n: number }>(
      `select count(*) as n from ingest.${table}`,
    );
    if (n > 0) counts[table] = n;
  }
  return counts;
}
