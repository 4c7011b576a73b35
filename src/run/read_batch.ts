/** Gets a batch's records from the source, making sure that they are what was planned. */
import { crc32 } from "node:zlib";
import type { Batch } from "../ledger/batches.ts";
import { listDeferred, type WaitingRow } from "../ledger/deferred.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { retryOf } from "../ledger/retries.ts";
import { CsvReader } from "../source/csv.ts";
import { changed, readRange } from "../source/range.ts";
import type { RecordCursor } from "../source/record.ts";
import { type FoundRecord, ScatteredRecords } from "../source/scattered.ts";
import { checksum } from "./plan_run.ts";
import type { RunProgram } from "./program.ts";
import { readRetried, readRetriedRows } from "./retried_batch.ts";

export interface BatchRecords {
  readonly cursor: RecordCursor;
  /** Row numbers that the cursor shows and that belong to a later phase. */
  readonly elsewhere: ReadonlySet<number>;
  /** For a later phase: what is known of each row, by row number. */
  readonly waiting: ReadonlyMap<number, WaitingRow>;
}

/** Throws SourceError if the source has changed since it was planned, RowsTaken for a retry. */
export async function readBatch(
  ledger: Ledger,
  program: RunProgram,
  batch: Batch,
): Promise<BatchRecords> {
  if (batch.phase > 1) {
    return await readWaiting(ledger, program, await listDeferred(ledger, batch, batch.phase));
  }
  const elsewhere = batch.deferred > 0 ? await listDeferred(ledger, batch, null) : [];
  const retry = retryOf(program.run);
  const cursor = retry === null
    ? await readPlanned(program, batch)
    : await readRetried(ledger, program, retry, batch);
  return {
    cursor,
    elsewhere: new Set(elsewhere.map((row) => row.row_number)),
    waiting: new Map(),
  };
}

async function readPlanned(program: RunProgram, batch: Batch): Promise<RecordCursor> {
  const { source, header } = program.run;
  const { input } = program;
  const bytes = await readRange(source.path, batch.byte_start, batch.byte_end, input.buffer);
  // The next batch will hardly be smaller.
  if (bytes.length > input.buffer.length) input.buffer = new Uint8Array(bytes.length * 2);
  if (checksum(bytes) !== batch.checksum) throw changed(source.path);
  const at = { offset: batch.byte_start, line: batch.first_line, row: batch.first_row };
  return new CsvReader(bytes, source.format, at, header.length);
}

/** Records nearer to each other than this are read in one go, with what lies between them. */
const MAX_GAP_BYTES = 64 * 1024;
const MAX_STRETCH_BYTES = 8 * 1024 * 1024;

/** Reads rows that `ingest.deferred` names, in their order; throws as `readBatch` does. */
export async function readWaiting(
  ledger: Ledger,
  program: RunProgram,
  rows: readonly WaitingRow[],
): Promise<BatchRecords> {
  const { source, header } = program.run;
  const retry = retryOf(program.run);
  const records = retry === null
    ? await readScattered(source.path, rows)
    : await readRetriedRows(ledger, retry, rows.map((row) => row.row_number));
  return {
    cursor: new ScatteredRecords(records, source.format, header.length),
    elsewhere: new Set(),
    waiting: new Map(rows.map((row) => [row.row_number, row])),
  };
}

async function readScattered(path: string, rows: readonly WaitingRow[]): Promise<FoundRecord[]> {
  const records: FoundRecord[] = [];
  for (let first = 0; first < rows.length;) {
    let last = first;
    while (
      last + 1 < rows.length &&
      rows[last + 1].byte_start - rows[last].byte_end < MAX_GAP_BYTES &&
      rows[last + 1].byte_end - rows[first].byte_start < MAX_STRETCH_BYTES
    ) last++;
    const offset = rows[first].byte_start;
    const stretch = await readRange(path, offset, rows[last].byte_end);
    for (const row of rows.slice(first, last + 1)) {
      const bytes = stretch.slice(row.byte_start - offset, row.byte_end - offset);
      if (crc32(bytes) !== row.checksum) throw changed(path);
      records.push({ row: row.row_number, line: row.line, bytes });
    }
    first = last + 1;
  }
  return records;
}
