/** `batch_errors`: what went wrong, grouped when each batch commits, so that sums are quick. */
import type { Batch } from "./batches.ts";
import { chosenIn, type ErrorChoice, parametersOf } from "../groups/error_choice.ts";
import type { GroupKind } from "../groups/group_id.ts";
import { GROUP_ID_DIGITS } from "../groups/group_id_form.ts";
import type { Ledger } from "../ledger.ts";
import type { GroupCode } from "../../row/outcome.ts";

export interface ErrorGroup {
  /** `row`: headlines, one for each failed row. `validation`: one for each field message. */
  readonly kind: GroupKind;
  /** See group_id.ts. Groups of the same id may differ in their code. */
  readonly id: string;
  readonly message: string;
  readonly code: GroupCode | null;
  readonly column: string | null;
  readonly count: number;
  readonly sampleRows: readonly number[];
  /** All of them, as row_runs.ts packs them. */
  readonly rows: Uint8Array;
  readonly lastRow: number;
}

/** Writes a batch's groups in its open transaction. */
export async function writeBatchErrors(
  ledger: Ledger,
  batch: Pick<Batch, "run_id" | "number">,
  groups: readonly ErrorGroup[],
): Promise<void> {
  if (groups.length === 0) return;
  await ledger.execute(
    `insert into ${ledger.schema}.batch_errors
       (run_id, batch, kind, fingerprint, message, code, "column", count, sample_rows, rows, last_row)
     select $1, $2, kind, fingerprint, message, code, "column", count,
       array(select jsonb_array_elements_text(sample_rows)::bigint), decode(rows, 'base64'), last_row
     from jsonb_to_recordset($3::text::jsonb) as g (kind text, fingerprint text, message text,
       code text, "column" text, count int, sample_rows jsonb, rows text, last_row bigint)`,
    [
      batch.run_id,
      batch.number,
      JSON.stringify(groups.map(({ id, sampleRows, rows, lastRow, ...group }) => ({
        ...group,
        fingerprint: `${id}:${group.code}`,
        sample_rows: sampleRows,
        rows: rows.toBase64(),
        last_row: lastRow,
      }))),
    ],
  );
}

/** SQL: the id of the group `e`, a row of `batch_errors`, whichever version has written it. */
export function idOf({ schema }: Ledger): string {
  return `case when e.rows is null
    then ${schema}.error_group_id(e.kind, e.code, e."column", e.message, null)
    else left(e.fingerprint, ${GROUP_ID_DIGITS}) end`;
}

/** A group, summed over the run's batches. */
export interface ErrorGroupSum
  extends Pick<ErrorGroup, "id" | "kind" | "message" | "code" | "column" | "count"> {
  /** Its errors have different messages, of which `message` is one. */
  readonly varies: boolean;
  /** Its first rows, at most ten, in order. */
  readonly sample_rows: readonly number[];
  /** The count of all groups of this kind, including those beyond the limit. */
  readonly kind_count: number;
}

/**
 * The groups of each kind, the most frequent first (if equal, the one that comes first in the
 * file), at most `limit` of a kind. `choice`: only of these errors. One statement, so that all sums come from one snapshot.
 */
export function sumErrorGroups(
  ledger: Ledger,
  runId: number,
  limit: number,
  choice: ErrorChoice | null = null,
): Promise<ErrorGroupSum[]> {
  // A group's first ten rows are in the ten parts that begin with the smallest row numbers.
  return ledger.query<ErrorGroupSum>(
    `with named as (
       select kind, message, code, "column", count, sample_rows, ${idOf(ledger)} as id
       from ${ledger.schema}.batch_errors e where run_id = $1 and ${chosenIn(idOf(ledger))}
     ), parts as materialized (
       select *, row_number() over (partition by id order by sample_rows[1]) as place from named
     ), sums as (
       select id, min(kind) as kind, min(message) as message, min("column") as "column",
         min(code) filter (where place = 1) as code, sum(count)::bigint as count,
         min(sample_rows[1]) as first_row,
         min(message) <> max(message) as varies
       from parts group by id
     ), ranked as (
       select *, (sum(count) over (partition by kind))::bigint as kind_count,
         row_number() over (partition by kind order by count desc, first_row, message) as rank
       from sums
     ), samples as (
       select id, array_agg(number order by number) as sample_rows from (
         select id, number, row_number() over (partition by id order by number) as place
         from (select distinct id, number
               from parts, unnest(sample_rows) as number where place <= 10) as numbers
       ) as numbered where place <= 10 group by id
     )
     select id, kind, message, varies, code, "column", count, kind_count, sample_rows
     from ranked join samples using (id) where rank <= $5 order by kind, rank`,
    [runId, ...parametersOf(choice), limit],
  );
}
