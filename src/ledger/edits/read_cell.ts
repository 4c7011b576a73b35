/** One cell of a failed row, whole. */
import type { Ledger } from "../ledger.ts";

/** With its correction. `column`: of the source, as the log has it. Null: there is no such row. */
export async function readCell(
  ledger: Ledger,
  { run, root, row, column }: {
    readonly run: number;
    /** It keeps the corrections of its retries' rows. */
    readonly root: number;
    readonly row: number;
    readonly column: string;
  },
): Promise<string | null> {
  const [found] = await ledger.query<{ value: string }>(
    `select coalesce(c.cells ->> $4, r.data ->> $4, '') as value
     from ${ledger.schema}.rows r
     left join ${ledger.schema}.corrections c
       on c.run_id = $2 and c.row_number = r.row_number and c.cells is not null
     where r.run_id = $1 and r.row_number = $3 and r.status = 'failed'`,
    [run, root, row, column],
  );
  return found?.value ?? null;
}
