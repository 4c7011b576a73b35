/** Reads the rows that a retry tries: see rows_to_retry.ts. */
import type { FoundRecords } from "../../source/found_records.ts";
import { readCopied } from "./copied_records.ts";
import type { Ledger } from "../ledger.ts";
import { type Retry, rootOf } from "../runs/retries.ts";
import { failedRows, isLeft, isOwn, isWithin, type RowRange, sourceRows } from "./rows_to_retry.ts";
import type { Run } from "../runs/runs.ts";

/** Does the log contain failed rows of the run that no retry has fixed? */
export async function hasUnresolved(
  ledger: Ledger,
  run: Pick<Run, "id" | "parent_id">,
): Promise<boolean> {
  const { from } = failedRows(ledger, rootOf(run), run.id);
  const [row] = await ledger.query<{ found: boolean }>(
    `select exists (select from ${from} and root.resolved_by_run_id is null
       and root.waiver_id is null) as found`,
  );
  return row.found;
}

/**
 * In file order, after row `after`, as many as `page` allows. The last row may exceed the page's
 * bytes; then there may be more rows.
 */
export async function readUnresolved(
  ledger: Ledger,
  retry: Retry,
  after: number,
  page: { readonly rows: number; readonly bytes: number },
): Promise<FoundRecords> {
  const range = { first: after + 1, last: null };
  const { from, row, raw, order } = sourceRows(ledger, retry, range);
  return await copyRecords(
    ledger,
    `select row_number, line, raw from (
       select ${row} as row_number, root.line, ${raw} as raw,
         sum(octet_length(${raw})) over (order by ${order} rows unbounded preceding)
           - octet_length(${raw}) as bytes_before
       from ${from} and ${isLeft(ledger, retry, range)} and ${isWithin(range, row)}
       order by ${order} limit ${page.rows}
     ) as page where bytes_before <= ${page.bytes} order by row_number`,
  );
}

/** The rows of a range that belong to the retry, whether it has loaded them or not. */
export function readTaken(
  ledger: Ledger,
  retry: Retry,
  first: number,
  last: number,
): Promise<FoundRecords> {
  return readOwn(ledger, retry, { first, last });
}

/** Like `readTaken`, for single rows. */
export function readTakenRows(
  ledger: Ledger,
  retry: Retry,
  rowNumbers: readonly number[],
): Promise<FoundRecords> {
  // The bounds help Postgres: while it has no statistics of a new log, it would compare each row of
  // the run with the list, for every batch.
  const [first, last] = [rowNumbers[0], rowNumbers[rowNumbers.length - 1]];
  return readOwn(ledger, retry, { first, last, only: rowNumbers });
}

/** The rows of a range that are in the table since the retry, in file order. */
export function readResolved(
  ledger: Ledger,
  retry: Retry,
  first: number,
  last: number,
): Promise<FoundRecords> {
  const { from, row, raw } = sourceRows(ledger, retry);
  return copyRecords(
    ledger,
    `select ${row} as row_number, root.line, ${raw} from ${from}
       and root.resolved_by_run_id = ${retry.id} and ${isWithin({ first, last }, row)}
     order by row_number`,
  );
}

async function readOwn(ledger: Ledger, retry: Retry, range: RowRange): Promise<FoundRecords> {
  const { from, row, raw, order } = sourceRows(ledger, retry, range);
  return await copyRecords(
    ledger,
    `select ${row} as row_number, root.line, ${raw} from ${from}
       and ${isOwn(ledger, retry, range)} and ${isWithin(range, row)} order by ${order}`,
  );
}

async function copyRecords({ session }: Ledger, query: string): Promise<FoundRecords> {
  return readCopied(await session.copyOut(`copy (${query}) to stdout with (format binary)`));
}

/** The rows of a retry's plan, batch by batch. */
export interface PlannedRows {
  readonly number: number;
  readonly first_row: number;
  readonly last_row: number;
  readonly first_line: number;
  /** How many rows it has, deferred ones included. */
  readonly rows: number;
  /** How many bytes the rows of the plan have, up to and including its last. */
  readonly byte_end: number;
}

/** In file order, from batch `after` on. */
export function listPlannedRows(
  ledger: Ledger,
  retry: Retry,
  after: number,
  limit: number,
): Promise<PlannedRows[]> {
  return ledger.query<PlannedRows>(
    `select number, first_row, last_row, first_line, row_count + deferred as rows, byte_end
     from ${ledger.schema}.batches
     where run_id = $1 and phase = 1 and number > $2 order by number limit $3`,
    [retry.id, after, limit],
  );
}

/**
 * A run that has meanwhile tried or fixed rows from unfinished batches of this retry; null if all
 * the rows that the retry has left still belong to it.
 */
export async function findTaker(ledger: Ledger, retry: Retry): Promise<number | null> {
  const { schema } = ledger;
  const range = { first: "l.first_row", last: "l.last_row" };
  const { from, row } = sourceRows(ledger, retry, range);
  const free = isLeft(ledger, retry);
  const [taken] = await ledger.query<{ by: number | null }>(
    `with left_to_do as (
       select b.first_row, b.last_row, b.row_count + b.deferred as planned
       from ${schema}.batches b
       where b.run_id = $1 and b.phase = 1 and b.status <> 'completed'
       union all
       select d.row_number, d.row_number, 1
       from ${schema}.deferred d
       where d.run_id = $1 and d.phase > 1 and not exists (
         select from ${schema}.batches b
         where b.run_id = $1 and b.status = 'completed' and b.phase = d.phase
           and d.row_number between b.first_row and b.last_row)
     )
     select max(other.by) as by
     from left_to_do l
     cross join lateral (
       select count(*) filter (where ${free}) as free,
         max(root.claimed_by_run_id) filter (where not (${free})) as by
       from ${from} and ${row} between l.first_row and l.last_row
     ) other
     where other.free < l.planned`,
    [retry.id],
  );
  return taken.by;
}
