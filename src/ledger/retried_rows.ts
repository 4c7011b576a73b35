/**
 * The rows that a retry tries: failed rows of the run that it retries, unless the chain has fixed
 * them. For the rows of the chain's root it is recorded which retry tried them last, and with what
 * result. Only one retry of a chain is active at a time. A retry that is resumed must not try what
 * another has fixed meanwhile: `isOwn` sees to that, and at the latest `recordTried`
 * (tried_rows.ts).
 */
import type { FoundRecords } from "../source/found_records.ts";
import { readCopied } from "./copied_records.ts";
import type { Ledger } from "./ledger.ts";
import { type Retry, rootOf } from "./retries.ts";
import { BLOCK_ROWS, blockOf } from "./row_marks.ts";
import type { Run } from "./runs.ts";

/** FROM and WHERE, and the names that the row's number and bytes have in them. */
interface SourceRows {
  readonly from: string;
  readonly row: string;
  readonly raw: string;
}

/** `root` is the row in the root's log, with the line and the row number of the file. */
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
 * SQL: rows that belong to the retry. They are unresolved or fixed by the retry itself, no later
 * retry has tried them, and they existed when the retry was created. `range` contains the rows.
 */
function isOwn(ledger: Ledger, retry: Retry, range?: RowRange): string {
  const { id, dryRun } = retry;
  const elsewhere = dryRun
    ? "retried.resolved"
    : `(retried.by_run_id > ${id} or (retried.resolved and retried.by_run_id <> ${id}))`;
  return wasNotTried(ledger, retry, elsewhere, range);
}

/** SQL: those of them that the retry has not fixed yet. */
function isLeft(ledger: Ledger, retry: Retry, range?: RowRange): string {
  const { id, dryRun } = retry;
  const done = dryRun ? "retried.resolved" : `(retried.by_run_id > ${id} or retried.resolved)`;
  return wasNotTried(ledger, retry, done, range);
}

/**
 * If no row of the range was tried, one look-up shows that. Otherwise each row is looked up
 * separately, 0.7 µs each; OFFSET makes sure of that. With a join and no statistics, Postgres
 * compared each row with every other, a minute for 20,000 of them, or read all tried rows for each
 * batch.
 */
function wasNotTried(
  ledger: Ledger,
  retry: Retry,
  how: string,
  range: RowRange = ALL_ROWS,
): string {
  const tried =
    `select from ${ledger.schema}.retried_ranges retried where retried.run_id = ${retry.root}`;
  const within = range.last === null ? "" : `and retried.first_row <= ${range.last}`;
  return `${retry.corrected ? "true" : wasThere(ledger, retry)}
    and (not exists (${tried} and retried.first_row >= ${blockOf(range.first)} ${within}
        and retried.last_row >= ${range.first})
      or not exists (${tried}
        and retried.first_row between root.row_number & ${-BLOCK_ROWS} and root.row_number
        and get_bit(retried.rows, (root.row_number & ${BLOCK_ROWS - 1})::int) = 1
        and ${how} offset 0))`;
}

/**
 * There can be later rows only if the retried run was resumed after the retry was created. If it
 * wasn't, this doesn't compare times, because the server's clock may have been set back.
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

/** Does the log contain failed rows of the run that no retry has fixed? */
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

/** Row numbers. `last`: null if all that follow are meant. */
interface RowRange {
  readonly first: number;
  readonly last: number | null;
  /** Only these rows of the range. */
  readonly only?: readonly number[];
}

const ALL_ROWS: RowRange = { first: 0, last: null };

/** SQL: is the row in the range? With constants only, because COPY has no parameters. */
function isWithin({ first, last, only }: RowRange, row: string): string {
  const bounds = last === null ? `${row} >= ${first}` : `${row} between ${first} and ${last}`;
  return only === undefined ? bounds : `${bounds} and ${row} = any('{${only.join()}}'::bigint[])`;
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
  const { from, row, raw } = sourceRows(ledger, retry);
  const range = { first: after + 1, last: null };
  return await copyRecords(
    ledger,
    `select row_number, line, raw from (
       select ${row} as row_number, root.line, ${raw} as raw,
         sum(octet_length(${raw})) over (order by ${row} rows unbounded preceding)
           - octet_length(${raw}) as bytes_before
       from ${from} and ${isLeft(ledger, retry, range)} and ${isWithin(range, row)}
       order by ${row} limit ${page.rows}
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

async function readOwn(ledger: Ledger, retry: Retry, range: RowRange): Promise<FoundRecords> {
  const { from, row, raw } = sourceRows(ledger, retry);
  return await copyRecords(
    ledger,
    `select ${row} as row_number, root.line, ${raw} from ${from}
       and ${isOwn(ledger, retry, range)} and ${isWithin(range, row)} order by row_number`,
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
    `select number, first_row, last_row, row_count + deferred as rows, byte_end
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
