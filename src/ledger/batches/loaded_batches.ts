/** What a run has loaded, as its ledger tells it: for `verify`. */
import type { Batch, BatchCounts } from "./batches.ts";
import type { Ledger } from "../ledger.ts";
import { rootOf } from "../runs/retries.ts";
import type { Run } from "../runs/runs.ts";

/** A completed batch. */
export interface LoadedBatch extends Batch, Omit<BatchCounts, "deferred"> {
  /** Where there are several tables: what became of the rows of each. */
  readonly related: CountsByTable | null;
}

/** By the table's name. */
export type CountsByTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** In order, after batch `after`; without those that have no rows of their own. */
export function listLoaded(
  ledger: Ledger,
  run: number,
  after: number,
  limit: number,
): Promise<LoadedBatch[]> {
  return ledger.query<LoadedBatch>(
    `select * from ${ledger.schema}.batches
     where run_id = $1 and number > $2 and status = 'completed' and row_count > 0
     order by number limit $3`,
    [run, after, limit],
  );
}

/** The ranges of rows that a retry has planned, in order after batch `after`. */
export function listPlannedRanges(
  ledger: Ledger,
  run: number,
  after: number,
  limit: number,
): Promise<Batch[]> {
  return ledger.query<Batch>(
    `select * from ${ledger.schema}.batches
     where run_id = $1 and number > $2 and phase = 1 order by number limit $3`,
    [run, after, limit],
  );
}

/** Of all that a run has loaded. */
export interface LoadedRowCounts {
  /** Whose batches are completed, whatever became of them. */
  readonly rows: number;
  readonly created: number;
  readonly failed: number;
  readonly skipped: number;
  readonly taken: number;
}

export async function countLoaded(ledger: Ledger, run: number): Promise<LoadedRowCounts> {
  const [counts] = await ledger.query<LoadedRowCounts>(
    `select ${
      ["created", "failed", "skipped", "taken"].map((name) =>
        `coalesce(sum(${name}), 0)::bigint as ${name}`
      ).join(", ")
    }, coalesce(sum(row_count), 0)::bigint as rows
     from ${ledger.schema}.batches where run_id = $1 and status = 'completed'`,
    [run],
  );
  return counts;
}

/** The same by table, where there are several. */
export async function countLoadedByTable(ledger: Ledger, run: number): Promise<CountsByTable> {
  const [{ counts }] = await ledger.query<{ counts: CountsByTable }>(
    `select coalesce(jsonb_object_agg(name, counts), '{}') as counts from (
       select name, jsonb_object_agg(what, rows) as counts from (
         select t.name, c.what, sum(c.value::bigint) as rows
         from ${ledger.schema}.batches b, jsonb_each(b.related) t (name, counts),
           jsonb_each_text(t.counts) c (what, value)
         where b.run_id = $1 and b.status = 'completed' group by 1, 2) each
       group by name) tables`,
    [run],
  );
  return counts;
}

/** Row numbers of a batch whose rows are not in the table as they are in the file. */
export interface LoggedOutcomes {
  readonly failed: readonly number[];
  /** As far as they are logged (`log_rows: all`). `taken`: those of them that a trigger took. */
  readonly skipped: readonly number[];
  readonly taken: readonly number[];
}

/** `only`: the batch's rows, if there are others between its first and its last. */
export async function listOutcomes(
  ledger: Ledger,
  { run_id, first_row, last_row }: Batch,
  only: readonly number[] | null,
): Promise<LoggedOutcomes> {
  const numbers = (which: string) =>
    `coalesce(array_agg(row_number) filter (where ${which}), '{}')::bigint[]`;
  const [outcomes] = await ledger.query<LoggedOutcomes>(
    `select ${numbers("status = 'failed'")} as failed, ${numbers("status = 'skipped'")} as skipped,
       ${numbers("status = 'skipped' and errors is not null")} as taken
     from ${ledger.schema}.logged_rows
     where run_id = $1 and row_number between $2 and $3 and status in ('failed', 'skipped')
       and ($4::bigint[] is null or row_number = any($4))`,
    [run_id, first_row, last_row, only],
  );
  return outcomes;
}

/** The retries of a chain's root that have written to the table, in their order. */
export function listRetries(ledger: Ledger, root: number): Promise<Run[]> {
  return ledger.query<Run>(
    `select * from ${ledger.schema}.runs where parent_id = $1 and not dry_run order by id`,
    [root],
  );
}

/** The run that has taken back what the run's chain did, or some of it; null if none has. */
export async function findUndoOf(
  ledger: Ledger,
  run: Pick<Run, "id" | "parent_id">,
): Promise<number | null> {
  const [undo] = await ledger.query<{ id: number | null }>(
    `select max(r.id) as id from ${ledger.schema}.runs r
     where r.undoes_run_id = $1 and not r.dry_run and exists (
       select from ${ledger.schema}.batches b
       where b.run_id = r.id and b.deleted + b.updated > 0)`,
    [rootOf(run)],
  );
  return undo.id;
}
