/** `deferred`: rows that wait for a later phase. Written while planning and by batches. */
import type { Batch } from "./batches.ts";
import type { Ledger } from "./ledger.ts";

export interface WaitingRow {
  readonly row_number: number;
  readonly line: number;
  readonly byte_start: number;
  readonly byte_end: number;
  readonly checksum: number;
  readonly duplicate_of: number | null;
  readonly duplicate_key: readonly string[] | null;
}

/** The batch's range of rows, in file order; of one phase or of any. */
export function listDeferred(
  ledger: Ledger,
  batch: Batch,
  phase: number | null,
): Promise<WaitingRow[]> {
  return ledger.query<WaitingRow>(
    `select row_number, line, byte_start, byte_end, checksum, duplicate_of, duplicate_key
     from ${ledger.schema}.deferred
     where run_id = $1 and row_number between $2 and $3 and ($4::int is null or phase = $4)
     order by row_number`,
    [batch.run_id, batch.first_row, batch.last_row, phase],
  );
}

export interface DeferredRow {
  readonly rowNumber: number;
  readonly line: number;
  readonly byteStart: number;
  readonly byteEnd: number;
  /** CRC-32 of the record's bytes. */
  readonly checksum: number;
}

/** Puts rows off to a phase, in the open transaction. Rows that waited already wait longer. */
export async function deferRows(
  ledger: Ledger,
  runId: number,
  phase: number,
  rows: readonly DeferredRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await ledger.execute(
    `insert into ${ledger.schema}.deferred
       (run_id, row_number, line, byte_start, byte_end, checksum, phase)
     select $1, *, $7
     from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
     on conflict (run_id, row_number) do update set phase = excluded.phase`,
    [
      runId,
      rows.map((row) => row.rowNumber),
      rows.map((row) => row.line),
      rows.map((row) => row.byteStart),
      rows.map((row) => row.byteEnd),
      rows.map((row) => row.checksum),
      phase,
    ],
  );
}

/** The first row of the file with the same key as a row that waits, for messages. */
export interface FirstRow {
  readonly rowNumber: number;
  readonly duplicateOf: number;
  readonly key: readonly string[];
}

const KEY_SEPARATOR = "\x1f";

export async function writeFirstRows(
  ledger: Ledger,
  runId: number,
  rows: readonly FirstRow[],
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.deferred d
     set duplicate_of = f.first, duplicate_key = string_to_array(f.key, $5)
     from unnest($2::bigint[], $3::bigint[], $4::text[]) as f (row_number, first, key)
     where d.run_id = $1 and d.row_number = f.row_number`,
    [
      runId,
      rows.map((row) => row.rowNumber),
      rows.map((row) => row.duplicateOf),
      rows.map((row) => row.key.join(KEY_SEPARATOR)),
      KEY_SEPARATOR,
    ],
  );
}
