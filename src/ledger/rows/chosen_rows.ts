/** `chosen_rows`: which of the failed rows a retry tries, if not all. */
import type { Ledger } from "../ledger.ts";
import { BLOCK_ROWS } from "./row_marks.ts";
import { RowSet } from "./row_set.ts";

/** In the transaction that creates the retry. */
export async function keepChosen(ledger: Ledger, retry: number, rows: RowSet): Promise<void> {
  const marks = [...rows.marks()];
  await ledger.execute(
    `insert into ${ledger.schema}.chosen_rows (run_id, first_row, last_row, rows)
     select $1, first_row, last_row, ('x' || rows)::bit(${BLOCK_ROWS})
     from unnest($2::bigint[], $3::bigint[], $4::text[]) as mark (first_row, last_row, rows)`,
    [
      retry,
      marks.map((mark) => mark.firstRow),
      marks.map((mark) => mark.lastRow),
      marks.map((mark) => mark.bits.toHex()),
    ],
  );
}

/** The rows of a chain's root that retries have loaded. */
export function readResolved(ledger: Ledger, root: number): Promise<RowSet> {
  return readSet(ledger, `retried_ranges where run_id = ${root} and resolved`);
}

/** `from`: a table of ours that has rows as marks, and which of them. */
export async function readSet(ledger: Ledger, from: string): Promise<RowSet> {
  const found = await ledger.query<{ first_row: number; last_row: number; rows: string }>(
    `select first_row, last_row, rows from ${ledger.schema}.${from}`,
  );
  const set = new RowSet();
  for (const { first_row: firstRow, last_row: lastRow, rows } of found) {
    set.add({ firstRow, lastRow, bits: bitsOf(rows) });
  }
  return set;
}

/** `rows`: as Postgres shows bits, a 0 or 1 for each. */
export function bitsOf(rows: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: BLOCK_ROWS / 8 },
    (_, byte) => parseInt(rows.slice(8 * byte, 8 * byte + 8), 2),
  );
}
