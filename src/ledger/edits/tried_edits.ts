/** Corrections of rows that a retry has fixed with them. */
import type { Ledger } from "../ledger.ts";

export interface TriedEdit {
  readonly row_number: number;
  /** Source column → the value that was loaded, cut if it is long. */
  readonly cells: Readonly<Record<string, string>>;
}

/** Rows, and characters of a value. */
const MOST = 500, LONGEST = 1_000;

/** In file order, of the rows from the first number to the last one. */
export function listTried(
  ledger: Ledger,
  root: number,
  [first, last]: readonly [number, number],
): Promise<TriedEdit[]> {
  const { schema } = ledger;
  return ledger.query<TriedEdit>(
    `select c.row_number,
       (select jsonb_object_agg(key, left(value, ${LONGEST})) from jsonb_each_text(c.cells)) as cells
     from ${schema}.corrections c
     join lateral (
       select l.resolved_by_run_id from ${schema}.rows l
       where l.run_id = $1 and l.row_number = c.row_number and l.status = 'failed' offset 0
     ) r on r.resolved_by_run_id is not null
     where c.run_id = $1 and c.row_number between $2 and $3 and c.cells <> '{}'
     order by c.row_number limit ${MOST}`,
    [root, first, last],
  );
}
