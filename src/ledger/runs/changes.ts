/** `batches.diff`: what a dry run, or a run that is held, would change in each column. */
import type { ChangedColumn, ChangedValue } from "../../load/diff/changed_values.ts";
import type { Ledger } from "../ledger.ts";

/** So many samples of a column are shown. */
const SAMPLES = 10;

export interface SummedColumn extends Omit<ChangedColumn, "samples"> {
  readonly samples: readonly ChangedValue[];
}

/** Those in which most rows change first. `after`: how many are left out. */
export async function sumChanges(
  ledger: Ledger,
  runId: number,
  after: number,
  limit: number,
): Promise<SummedColumn[]> {
  return await ledger.query<SummedColumn>(
    `with each as (
       select b.number, c.value ->> 'column' as name, (c.value ->> 'rows')::bigint as rows,
         c.value -> 'samples' as samples
       from ${ledger.schema}.batches b, jsonb_array_elements(b.diff) c
       where b.run_id = $1 and b.diff is not null
     ), sums as (
       select name, sum(rows)::bigint as rows from each group by name
       order by rows desc, name offset $2 limit $3
     )
     select name as "column", rows, (
       select jsonb_agg(value) from (
         select s.value from each, jsonb_array_elements(samples) with ordinality s
         where each.name = sums.name order by number, s.ordinality limit ${SAMPLES}) first
     ) as samples
     from sums order by rows desc, name`,
    [runId, after, limit],
  );
}
