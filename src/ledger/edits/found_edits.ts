/** SQL for the corrections of a chain's root, and the rows that they are of. */
import type { Ledger } from "../ledger.ts";

/** How much of a value is told. */
export const SHOWN = 1_000;

/** OFFSET: each row is looked up, whatever Postgres knows of the tables. */
export function loggedRow({ schema }: Ledger, root: string, row: string): string {
  return `lateral (
    select * from ${schema}.rows l
    where l.run_id = ${root} and l.row_number = ${row} and l.status = 'failed' offset 0
  )`;
}

/** The same for the corrections of a row of the root `$1`. */
export function editsOf({ schema }: Ledger, row: string): string {
  return `lateral (
    select * from ${schema}.corrections c
    where c.run_id = $1 and c.row_number = ${row} and c.cells is not null offset 0
  )`;
}
