/** Measures the rows that a retry has left, for a planner that need not read them. */
import type { Ledger } from "../ledger.ts";
import type { Retry } from "../runs/retries.ts";
import { isLeft, isWithin, sourceRows } from "./rows_to_retry.ts";

/** How many rows come next, and how long they are. */
export interface MeasuredRows {
  readonly rows: number;
  readonly bytes: number;
  readonly first_row: number;
  readonly last_row: number;
  readonly first_line: number;
  readonly last_line: number;
}

/**
 * Measures the next rows after row `after`, without reading them, at most `limit`. Null if none is
 * left. 20,000 rows take the server 8 ms, where sending them takes 12.
 */
export function measureUnresolved(
  ledger: Ledger,
  retry: Retry,
  after: number,
  limit: number,
): Promise<MeasuredRows | null> {
  return measure(ledger, nextSizes(ledger, retry, after, limit));
}

/**
 * Measures as many of the next rows as the page allows, at least one. 20,000 rows take the server
 * 15 ms, because it sums up their bytes row by row.
 */
export function measurePage(
  ledger: Ledger,
  retry: Retry,
  after: number,
  page: { readonly rows: number; readonly bytes: number },
): Promise<MeasuredRows | null> {
  return measure(
    ledger,
    `(select * from (
       select *, sum(size) over (order by row_number rows unbounded preceding) as bytes_so_far
       from ${nextSizes(ledger, retry, after, page.rows)}
     ) as summed where bytes_so_far <= ${page.bytes} or bytes_so_far = size) as page`,
  );
}

/** SQL for a FROM: numbers, lines and sizes of the next rows after row `after`. */
function nextSizes(ledger: Ledger, retry: Retry, after: number, limit: number): string {
  const range = { first: after + 1, last: null };
  const { from, row, raw, order } = sourceRows(ledger, retry, range);
  return `(select ${row} as row_number, root.line, octet_length(${raw}) as size
    from ${from} and ${isLeft(ledger, retry, range)} and ${isWithin(range, row)}
    order by ${order} limit ${limit}) as next`;
}

async function measure(ledger: Ledger, sizes: string): Promise<MeasuredRows | null> {
  const [measured] = await ledger.query<MeasuredRows>(
    `select count(*) as rows, sum(size)::bigint as bytes, min(row_number) as first_row,
       max(row_number) as last_row, min(line) as first_line, max(line) as last_line
     from ${sizes}`,
  );
  return measured.rows === 0 ? null : measured;
}
