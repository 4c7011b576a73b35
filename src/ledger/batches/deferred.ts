/**
 * `deferred`: rows that wait for a later phase. Planning and batches write them. A dry run also
 * keeps here, with phase 1, the rows on which they depend: the first phase rolls them back, so that
 * they are loaded again before the second.
 */
import type { Batch } from "./batches.ts";
import type { Ledger } from "../ledger.ts";

const KEY_SEPARATOR = "\x1f";

export interface WaitingRow {
  readonly row_number: number;
  readonly line: number;
  readonly byte_start: number;
  readonly byte_end: number;
  readonly checksum: number;
  readonly duplicate_of: number | null;
  readonly duplicate_key: readonly string[] | null;
}

const WAITING_ROW = "row_number, line, byte_start, byte_end, checksum, duplicate_of, duplicate_key";

/** The deferred rows in the batch's range, in file order: of one phase, or of all later phases. */
export function listDeferred(
  ledger: Ledger,
  batch: Batch,
  phase: number | null,
): Promise<WaitingRow[]> {
  return ledger.query<WaitingRow>(
    `select ${WAITING_ROW}
     from ${ledger.schema}.deferred
     where run_id = $1 and row_number between $2 and $3
       and phase > 1 and ($4::int is null or phase = $4)
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
  /** Its keys, as `keyTexts` makes them, if later rows with the same keys must not overtake it. */
  readonly keys: readonly string[];
}

/** Defers rows to a phase, in the open transaction. A row that is already deferred moves on to this phase. */
export async function deferRows(
  ledger: Ledger,
  runId: number,
  phase: number,
  rows: readonly DeferredRow[],
  by: "planner" | "batch",
): Promise<void> {
  await insertRows(
    ledger,
    runId,
    phase,
    rows,
    by,
    "do update set phase = excluded.phase, keys = excluded.keys",
  );
}

/**
 * For a dry run: writes rows of the first phase that share a key with a deferred row, in the open
 * transaction. Leaves rows that are deferred themselves as they are.
 */
export async function writeEarlierRows(
  ledger: Ledger,
  runId: number,
  rows: readonly DeferredRow[],
): Promise<void> {
  await insertRows(ledger, runId, 1, rows, "planner", "do nothing");
}

/**
 * What `writeEarlierRows` wrote, in file order from row `after` on. `atomic`: without those of batches
 * that were rolled back.
 */
export function listEarlierRows(
  ledger: Ledger,
  runId: number,
  { after, limit, atomic }: {
    readonly after: number;
    readonly limit: number;
    readonly atomic: boolean;
  },
): Promise<WaitingRow[]> {
  const { schema } = ledger;
  return ledger.query<WaitingRow>(
    `select ${WAITING_ROW}
     from ${schema}.deferred d
     where run_id = $1 and row_number > $2 and phase = 1 and not ($4 and exists (
       select from ${schema}.batches b where b.run_id = $1 and b.phase = 1 and b.failed > 0
         and d.row_number between b.first_row and b.last_row))
     order by row_number limit $3`,
    [runId, after, limit, atomic],
  );
}

async function insertRows(
  ledger: Ledger,
  runId: number,
  phase: number,
  rows: readonly DeferredRow[],
  by: "planner" | "batch",
  onConflict: string,
): Promise<void> {
  if (rows.length === 0) return;
  await ledger.execute(
    `insert into ${ledger.schema}.deferred
       (run_id, row_number, line, byte_start, byte_end, checksum, phase, keys, planned)
     select $1, row_number, line, byte_start, byte_end, checksum, $7,
       string_to_array(nullif(keys, ''), $9), $10
     from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $8::text[])
       as waiting (row_number, line, byte_start, byte_end, checksum, keys)
     on conflict (run_id, row_number) ${onConflict}`,
    [
      runId,
      rows.map((row) => row.rowNumber),
      rows.map((row) => row.line),
      rows.map((row) => row.byteStart),
      rows.map((row) => row.byteEnd),
      rows.map((row) => row.checksum),
      phase,
      rows.map((row) => row.keys.join(KEY_SEPARATOR)),
      KEY_SEPARATOR,
      by === "planner",
    ],
  );
}

/** Were any of the run's failed rows deferred? */
export async function hasFailedDeferred(ledger: Ledger, runId: number): Promise<boolean> {
  const { schema } = ledger;
  const [{ found }] = await ledger.query<{ found: boolean }>(
    `select exists (
       select from ${schema}.deferred d
       -- OFFSET: without statistics, Postgres read all failed rows for it, even if none was deferred.
       where d.run_id = $1 and d.phase > 1 and exists (
         select from ${schema}.logged_rows r
         where r.run_id = d.run_id and r.row_number = d.row_number and r.status = 'failed' offset 0)
     ) as found`,
    [runId],
  );
  return found;
}

/** The keys of the rows that are deferred to a phase, as far as they were stored. */
export async function listKeysThatWait(
  ledger: Ledger,
  runId: number,
  phase: number,
): Promise<string[]> {
  const rows = await ledger.query<{ key: string }>(
    `select distinct unnest(keys) as key from ${ledger.schema}.deferred
     where run_id = $1 and phase = $2`,
    [runId, phase],
  );
  return rows.map(({ key }) => key);
}

/** The first row of the file with the same key as a deferred row, for messages. */
export interface FirstRow {
  readonly rowNumber: number;
  readonly duplicateOf: number;
  readonly key: readonly string[];
}

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

/**
 * Of the rows that repeat a key of these, the first one that hasn't failed: one for each of these and its
 * key. `failed`: rows that are not logged yet. Looks only at rows before this one.
 */
export async function listNextRows(
  ledger: Ledger,
  runId: number,
  firsts: readonly number[],
  failed: readonly number[],
  before: number,
): Promise<FirstRow[]> {
  const { schema } = ledger;
  return await ledger.query<FirstRow>(
    `select min(d.row_number) as "rowNumber", d.duplicate_of as "duplicateOf",
       d.duplicate_key as key
     from ${schema}.deferred d
     where d.run_id = $1 and d.phase > 1 and d.duplicate_of = any($2::bigint[])
       and d.row_number < $4
       and not exists (select from unnest($3::bigint[]) f (number) where f.number = d.row_number)
       and not exists (
         select from ${schema}.rows r
         where r.run_id = d.run_id and r.row_number = d.row_number and r.status = 'failed')
     group by d.duplicate_of, d.duplicate_key`,
    [runId, firsts, failed, before],
  );
}
