/**
 * The rows that a retry tries: failed rows of the run that it retries, unless the chain has fixed
 * them. For the rows of the chain's root it is recorded which retry tried them last, and with what
 * result. Only one retry of a chain is active at a time. A retry that is resumed must not try what
 * another has fixed meanwhile: `isOwn` sees to that, and at the latest `recordTried`
 * (tried_rows.ts).
 */
import type { Ledger } from "../ledger.ts";
import type { Retry } from "../runs/retries.ts";
import { BLOCK_ROWS, blockOf } from "./row_marks.ts";

/** FROM and WHERE, and the names that the row's number and bytes have in them. */
export interface SourceRows {
  readonly from: string;
  readonly row: string;
  readonly raw: string;
  /** The order of the rows' numbers, as it can be read along an index. */
  readonly order: string;
}

/** Row numbers, or SQL for them. `last`: null if all that follow are meant. */
interface Bounds {
  readonly first: number | string;
  readonly last: number | string | null;
}

/**
 * `root` is the row in the root's log, with the line and the row number of the file. `within`: says
 * where the rows are that somebody looks for; others may be among these all the same.
 */
export function sourceRows(
  ledger: Ledger,
  retry: Retry,
  within: Bounds = ALL_ROWS,
): SourceRows {
  const { schema } = ledger;
  const { id, root, from, corrected, edited, chosen } = retry;
  if (corrected) {
    return {
      order: "tried.row_number",
      from: `${schema}.corrections tried
        join ${schema}.rows root on root.run_id = ${root} and root.row_number = tried.row_number
        where tried.run_id = ${id}`,
      row: "tried.row_number",
      raw: "tried.raw",
    };
  }
  const edits = `left join ${schema}.corrections edit
    on edit.run_id = ${id} and edit.row_number = root.row_number`;
  const joined = edited ? edits : "";
  const rows = chosen === null
    ? failedRows(ledger, root, from, joined)
    : chosenRows(ledger, retry, within, joined);
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
      order: "root.row_number",
      row: "root.row_number",
      raw: "root.raw",
    };
  }
  return {
    from: `${schema}.rows tried
      join ${schema}.rows root on root.run_id = ${root} and root.row_number = tried.row_number
      ${joined} where tried.run_id = ${from} and tried.status = 'failed'`,
    order: "tried.row_number",
    row: "tried.row_number",
    raw: "tried.raw",
  };
}

/**
 * Failed rows, of which only some were chosen. Mark by mark, along the index: if five rows in a million
 * were chosen, no others are read. OFFSET makes sure of that, whatever Postgres knows of the tables.
 */
function chosenRows(
  { schema }: Ledger,
  { id, root, from }: Retry,
  { first, last }: Bounds,
  joined: string,
): SourceRows {
  const name = from === root ? "root" : "tried";
  const again = from === root
    ? ""
    : `join ${schema}.rows root on root.run_id = ${root} and root.row_number = tried.row_number`;
  return {
    from: `${schema}.chosen_rows choice
      cross join lateral (
        select * from ${schema}.rows r
        where r.run_id = ${from} and r.status = 'failed'
          and r.row_number between choice.first_row and choice.last_row
          and get_bit(choice.rows, (r.row_number & ${BLOCK_ROWS - 1})::int) = 1
        offset 0
      ) ${name} ${again} ${joined}
      where choice.run_id = ${id} and choice.last_row >= ${first}
        ${last === null ? "" : `and choice.first_row <= ${last}`}`,
    order: `choice.first_row, ${name}.row_number`,
    row: `${name}.row_number`,
    raw: `${name}.raw`,
  };
}

/** SQL: does the retry try the row with this number? For single rows. */
export function isAmongChosen({ schema }: Ledger, { id, chosen }: Retry, row: string): string {
  if (chosen === null) return "true";
  return `exists (select from ${schema}.chosen_rows choice
    where choice.run_id = ${id} and choice.first_row between ${row} & ${-BLOCK_ROWS} and ${row}
      and get_bit(choice.rows, (${row} & ${BLOCK_ROWS - 1})::int) = 1)`;
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
        and ${how} offset 0))
    and ${isNotWaived(ledger, retry, range)}`;
}

/** SQL. Again, one look-up shows it if no row of the range is waived. */
function isNotWaived({ schema }: Ledger, { root }: Retry, range: RowRange): string {
  const waived = `select from ${schema}.waived_ranges waived where waived.run_id = ${root}`;
  const within = range.last === null ? "" : `and waived.first_row <= ${range.last}`;
  return `(not exists (${waived} and waived.first_row >= ${blockOf(range.first)} ${within}
        and waived.last_row >= ${range.first})
      or not exists (${waived}
        and waived.first_row between root.row_number & ${-BLOCK_ROWS} and root.row_number
        and get_bit(waived.rows, (root.row_number & ${BLOCK_ROWS - 1})::int) = 1 offset 0))`;
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
