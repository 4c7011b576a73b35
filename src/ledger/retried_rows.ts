/**
 * The rows that a retry tries: failed rows of the run that it was asked for, as long as none of its
 * chain has fixed them. Which retry has tried a row last, and with what result, is kept for the rows
 * of the chain's root. Only one retry of a chain is active at a time; what keeps it from trying what
 * another has fixed before it went on is `isOwn`, and `recordTried` (tried_rows.ts) at the latest.
 */
import type { FoundRecords } from "../source/found_records.ts";
import { readCopied } from "./copied_records.ts";
import type { Ledger } from "./ledger.ts";
import { type Retry, rootOf } from "./retries.ts";
import type { Run } from "./runs.ts";

/** FROM and WHERE, and what the row's number and bytes are called in there. */
interface SourceRows {
  readonly from: string;
  readonly row: string;
  readonly raw: string;
}

/** `root` is the row in the root's log: the line and the row number are those of the file. */
function sourceRows(ledger: Ledger, { id, root, from, corrected }: Retry): SourceRows {
  const { schema } = ledger;
  if (corrected) {
    return {
      from: `${schema}.corrections tried
        join ${schema}.rows root on root.run_id = ${root} and root.row_number = tried.row_number
        where tried.run_id = ${id}`,
      row: "tried.row_number",
      raw: "tried.raw",
    };
  }
  return failedRows(ledger, root, from);
}

function failedRows({ schema }: Ledger, root: number, from: number): SourceRows {
  if (from === root) {
    return {
      from: `${schema}.rows root where root.run_id = ${root} and root.status = 'failed'`,
      row: "root.row_number",
      raw: "root.raw",
    };
  }
  return {
    from: `${schema}.rows tried
      join ${schema}.rows root on root.run_id = ${root} and root.row_number = tried.row_number
      where tried.run_id = ${from} and tried.status = 'failed'`,
    row: "tried.row_number",
    raw: "tried.raw",
  };
}

/**
 * Which of the tried rows the retry may go on with: those that are unresolved or that it has fixed
 * itself, unless a later retry has tried them meanwhile; and only those that were there when it was
 * made. `range`: in which the rows are.
 */
function isOwn(ledger: Ledger, retry: Retry, range?: RowRange): string {
  const { id, dryRun } = retry;
  const elsewhere = dryRun
    ? "retried.resolved"
    : `(retried.by_run_id > ${id} or (retried.resolved and retried.by_run_id <> ${id}))`;
  return wasNotTried(ledger, retry, elsewhere, range);
}

/** Which of them it has not fixed itself, either. */
function isLeft(ledger: Ledger, retry: Retry, range?: RowRange): string {
  const { id, dryRun } = retry;
  const done = dryRun ? "retried.resolved" : `(retried.by_run_id > ${id} or retried.resolved)`;
  return wasNotTried(ledger, retry, done, range);
}

/**
 * Where nothing of the range was tried, that is found out once. Else each row is looked up by itself,
 * 0.7 µs, which OFFSET makes sure of: as a join, Postgres compared each row with each when it had no
 * statistics, a minute for 20,000 of them, or read all that was tried for each batch.
 */
function wasNotTried(
  ledger: Ledger,
  retry: Retry,
  how: string,
  range: RowRange = () => "true",
): string {
  const tried =
    `select from ${ledger.schema}.retried_rows retried where retried.run_id = ${retry.root}`;
  return `${retry.corrected ? "true" : wasThere(ledger, retry)}
    and (not exists (${tried} and ${range("retried.row_number")})
      or not exists (${tried} and retried.row_number = root.row_number and ${how} offset 0))`;
}

/**
 * There are more rows only if the run that is retried went on after the retry was made. Where it
 * didn't, the server's clock is not asked, which may have been set back.
 */
function wasThere({ schema }: Ledger, { id, root, from }: Retry): string {
  return `${from === root ? "root" : "tried"}.created_at <= (
    select case when exists (
        select from ${schema}.run_events
        where run_id = ${from} and type = 'resumed'
          and id > (select min(id) from ${schema}.run_events where run_id = ${id}))
      then created_at else 'infinity' end
    from ${schema}.runs where id = ${id})`;
}

/** Are there failed rows of the run in the log that no retry has fixed? */
export async function hasUnresolved(
  ledger: Ledger,
  run: Pick<Run, "id" | "parent_id">,
): Promise<boolean> {
  const { from } = failedRows(ledger, rootOf(run), run.id);
  const [row] = await ledger.query<{ found: boolean }>(
    `select exists (select from ${from} and root.resolved_by_run_id is null) as found`,
  );
  return row.found;
}

/** A condition on a row number, of constants only: COPY has no parameters. */
type RowRange = (column: string) => string;

/**
 * In file order, from row `after` on: as many as `page` allows. The last may be beyond its bytes: then
 * there are perhaps more.
 */
export async function readUnresolved(
  ledger: Ledger,
  retry: Retry,
  after: number,
  page: { readonly rows: number; readonly bytes: number },
): Promise<FoundRecords> {
  const { from, row, raw } = sourceRows(ledger, retry);
  const range = (column: string) => `${column} > ${after}`;
  return await copyRecords(
    ledger,
    `select row_number, line, raw from (
       select ${row} as row_number, root.line, ${raw} as raw,
         sum(octet_length(${raw})) over (order by ${row} rows unbounded preceding)
           - octet_length(${raw}) as bytes_before
       from ${from} and ${isLeft(ledger, retry, range)} and ${range(row)}
       order by ${row} limit ${page.rows}
     ) as page where bytes_before <= ${page.bytes} order by row_number`,
  );
}

/** The rows of a range that are the retry's own, whether it has loaded them or not. */
export function readTaken(
  ledger: Ledger,
  retry: Retry,
  first: number,
  last: number,
): Promise<FoundRecords> {
  return readOwn(ledger, retry, (column) => `${column} between ${first} and ${last}`);
}

/** Like `readTaken`, of single rows. */
export function readTakenRows(
  ledger: Ledger,
  retry: Retry,
  rowNumbers: readonly number[],
): Promise<FoundRecords> {
  // The bounds are for Postgres: while it has no statistics of a new log it compares each row of the
  // run with the list, batch after batch.
  const range = (column: string) =>
    `${column} between ${rowNumbers[0]} and ${rowNumbers.at(-1)}
      and ${column} = any('{${rowNumbers.join()}}'::bigint[])`;
  return readOwn(ledger, retry, range);
}

async function readOwn(ledger: Ledger, retry: Retry, range: RowRange): Promise<FoundRecords> {
  const { from, row, raw } = sourceRows(ledger, retry);
  return await copyRecords(
    ledger,
    `select ${row} as row_number, root.line, ${raw} from ${from}
       and ${isOwn(ledger, retry, range)} and ${range(row)} order by row_number`,
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
  /** How many it has, with those that wait. */
  readonly rows: number;
  /** How many bytes the rows have, up to its last. */
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
    `select number, first_row, last_row, row_count + deferred as rows, byte_end
     from ${ledger.schema}.batches
     where run_id = $1 and phase = 1 and number > $2 order by number limit $3`,
    [retry.id, after, limit],
  );
}

/**
 * A run that has tried rows from unfinished batches of this retry meanwhile, or has fixed them; null
 * if all that the retry has left to do is still its own.
 */
export async function findTaker(ledger: Ledger, retry: Retry): Promise<number | null> {
  const { schema } = ledger;
  const { from, row } = sourceRows(ledger, retry);
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
