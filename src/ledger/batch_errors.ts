/** `batch_errors`: what went wrong, grouped as each batch commits, so that summing is quick. */
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
