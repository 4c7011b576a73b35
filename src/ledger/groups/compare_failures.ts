/** Which rows of a file failed in one run and not in another of the same file. */
import type { Ledger } from "../ledger.ts";
import type { RowErrors } from "../rows/rows.ts";

export interface FailureComparison {
  /** Rows that failed before, and don't any more. */
  readonly fixed: number;
  /** Rows that fail now, and didn't. */
  readonly broken: number;
  /** Rows that fail now only because they are in the table already. */
  readonly duplicates: number;
  /** The first of those that are broken. */
  readonly examples: readonly { readonly line: number; readonly errors: RowErrors }[];
}

const MOST_EXAMPLES = 5;

export async function compareFailures(
  ledger: Ledger,
  before: number,
  after: number,
): Promise<FailureComparison> {
  const { schema } = ledger;
  const [found] = await ledger.query<FailureComparison>(
    `with before as materialized (
       select row_number from ${schema}.rows where run_id = $1 and status = 'failed'
     ), after as materialized (
       select row_number, line, errors,
         exists (select from jsonb_array_elements(errors -> 'details') d
           where d ->> 'code' not in ('duplicate', 'duplicate_in_file')) as fails
       from ${schema}.rows where run_id = $2 and status = 'failed'
     ), news as materialized (
       select * from after a where not exists (select from before b where b.row_number = a.row_number)
     )
     select (select count(*) from before b
         where not exists (select from after a where a.row_number = b.row_number))::int as fixed,
       (select count(*) from news where fails)::int as broken,
       (select count(*) from news where not fails)::int as duplicates,
       (select coalesce(json_agg(json_build_object('line', line, 'errors', errors)
           order by row_number), '[]')
         from (select * from news where fails order by row_number limit ${MOST_EXAMPLES}) n
       ) as examples`,
    [before, after],
  );
  return found;
}
