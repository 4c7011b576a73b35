/** `batch_errors`: what went wrong, grouped when each batch commits, so that sums are quick. */
import type { Batch } from "./batches.ts";
import type { Ledger } from "./ledger.ts";

export interface ErrorGroup {
  /** `row`: headlines, one for each failed row. `validation`: one for each field message. */
  readonly kind: "row" | "validation";
  readonly fingerprint: string;
  readonly message: string;
  readonly code: string | null;
  readonly column: string | null;
  readonly count: number;
  readonly sampleRows: readonly number[];
}

/** Writes a batch's groups in its open transaction. */
export async function writeBatchErrors(
  ledger: Ledger,
  batch: Batch,
  groups: readonly ErrorGroup[],
): Promise<void> {
  if (groups.length === 0) return;
  await ledger.execute(
    `insert into ${ledger.schema}.batch_errors
       (run_id, batch, kind, fingerprint, message, code, "column", count, sample_rows)
     select $1, $2, kind, fingerprint, message, code, "column", count,
       array(select jsonb_array_elements_text(sample_rows)::bigint)
     from jsonb_to_recordset($3::text::jsonb) as g (kind text, fingerprint text, message text,
       code text, "column" text, count int, sample_rows jsonb)`,
    [
      batch.run_id,
      batch.number,
      JSON.stringify(groups.map((group) => ({ ...group, sample_rows: group.sampleRows }))),
    ],
  );
}

/** A group, summed over the run's batches. */
export interface ErrorGroupSum
  extends Pick<ErrorGroup, "kind" | "message" | "code" | "column" | "count"> {
  /** Its first rows, at most ten, in order. */
  readonly sample_rows: readonly number[];
  /** The count of all groups of this kind, including those beyond the limit. */
  readonly kind_count: number;
}

/**
 * The groups of each kind, the most frequent first (if equal, the one that comes first in the
 * file), at most `limit` of a kind. Field messages are grouped by their text, even if two checks
 * give the same one (`min` and `max`). One statement, so that all sums come from one snapshot.
 */
export function sumErrorGroups(
  ledger: Ledger,
  runId: number,
  limit: number,
): Promise<ErrorGroupSum[]> {
  // A group's first ten rows are in the ten parts that begin with the smallest row numbers.
  return ledger.query<ErrorGroupSum>(
    `with named as (
       select *, md5(concat_ws(':', kind, "column", case kind when 'row' then code end, message))
         as name
       from ${ledger.schema}.batch_errors where run_id = $1
     ), parts as materialized (
       select *, row_number() over (partition by name order by sample_rows[1]) as place from named
     ), sums as (
       select name, min(kind) as kind, min(message) as message, min("column") as "column",
         min(code) filter (where place = 1) as code, sum(count)::bigint as count,
         min(sample_rows[1]) as first_row
       from parts group by name
     ), ranked as (
       select *, (sum(count) over (partition by kind))::bigint as kind_count,
         row_number() over (partition by kind order by count desc, first_row, message) as rank
       from sums
     ), samples as (
       select name, array_agg(number order by number) as sample_rows from (
         select name, number, row_number() over (partition by name order by number) as place
         from (select distinct name, number
               from parts, unnest(sample_rows) as number where place <= 10) as numbers
       ) as numbered where place <= 10 group by name
     )
     select kind, message, code, "column", count, kind_count, sample_rows
     from ranked join samples using (name) where rank <= $2 order by kind, rank`,
    [runId, limit],
  );
}
