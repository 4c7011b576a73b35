/**
 * The rows that a retry tries: failed rows of the run that it retries, unless the chain has fixed
 * them. For the rows of the chain's root it is recorded which retry tried them last, and with what
 * result. Only one retry of a chain is active at a time. A retry that is resumed must not try what
 * another has fixed meanwhile: `isOwn` sees to that, and at the latest `recordTried`
 * (tried_rows.ts).
 */
import type { Ledger } from "./ledger.ts";
import type { Retry } from "./retries.ts";
import { BLOCK_ROWS, blockOf } from "./row_marks.ts";

/** FROM and WHERE, and the names that the row's number and bytes have in them. */
export interface SourceRows {
  readonly from: string;
  readonly row: string;
  readonly raw: string;
}

/** `root` is the row in the root's log, with the line and the row number of the file. */
export function sourceRows(ledger: Ledger, retry: Retry): SourceRows {
  const { schema } = ledger;
  const { id, root, from, corrected, edited } = retry;
  if (corrected) {
    return {
      from: `${schema}.corrections tried
        join ${schema}.rows root on root.run_id = ${root} and root.row_number = tried.row_number
        where tried.run_id = ${id}`,
      row: "tried.row_number",
      raw: "tried.raw",
    };
  }
  const edits = `left join ${schema}.corrections edit
    on edit.run_id = ${id} and edit.row_number = root.row_number`;
  const rows = failedRows(ledger, root, from, edited ? edits : "");
  return edited ? { ...rows, raw: `coalesce(edit.raw, ${rows.raw})` } : rows;
}

/** `joined`: more tables, for each row of `root`. */
export function failedRows(
  { schema }: Ledger,
  root: number,
  from: number,
  joined = "",
): SourceRows {
  if (from === root) {
    return {
      from: `${schema}.rows root ${joined} where root.run_id = ${root} and root.status = 'failed'`,
      row: "root.row_number",
      raw: "root.raw",
    };
  }
  return {
    from: `${schema}.rows tried
      join ${schema}.rows root on root.run_id = ${root} and root.row_number = tried.row_number
      ${joined} where tried.run_id = ${from} and tried.status = 'failed'`,
    row: "tried.row_number",
    raw: "tried.raw",
  };
}

/**
 * SQL: rows that belong to the retry. They are unresolved or fixed by the retry itself, no later
 * retry has tried them, and they existed when the retry was created. `range` contains the rows.
 */
export function isOwn(ledger: Ledger, retry: Retry, range?: RowRange): string {
  const { id, dryRun } = retry;
  const elsewhere = dryRun
    ? "retried.resolved"
    : `(retried.by_run_id > ${id} or (retried.resolved and retried.by_run_id <> ${id}))`;
  return wasNotTried(ledger, retry, elsewhere, range);
}

/** SQL: those of them that the retry has not fixed yet. */
export function isLeft(ledger: Ledger, retry: Retry, range?: RowRange): string {
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

/** Row numbers. `last`: null if all that follow are meant. */
export interface RowRange {
  readonly first: number;
  readonly last: number | null;
  /** Only these rows of the range. */
  readonly only?: readonly number[];
}

const ALL_ROWS: RowRange = { first: 0, last: null };

/** SQL: is the row in the range? With constants only, because COPY has no parameters. */
export function isWithin({ first, last, only }: RowRange, row: string): string {
  const bounds = last === null ? `${row} >= ${first}` : `${row} between ${first} and ${last}`;
  return only === undefined ? bounds : `${bounds} and ${row} = any('{${only.join()}}'::bigint[])`;
}
