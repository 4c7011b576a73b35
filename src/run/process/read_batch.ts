/** Gets a batch's records from the source and encodes them, making sure that they are what was planned. */
import { crc32 } from "node:zlib";
import type { EncodedRecords } from "../../kernel/encoded_records.ts";
import type { Batch } from "../../ledger/batches.ts";
import { listDeferred, type WaitingRow } from "../../ledger/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { retryOf } from "../../ledger/retries.ts";
import { changed, readRange } from "../../source/range.ts";
import type { FoundRecords } from "../../source/found.ts";
import { checksum } from "../plan/plan_run.ts";
import type { RunProgram } from "../program.ts";
import { readRetried, readRetriedRows } from "./retried_batch.ts";

export interface BatchRecords {
  /** As many as it was said that there are. */
  readonly records: EncodedRecords;
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
  const skipped = elsewhere.map((row) => row.row_number);
  const retry = retryOf(program.run);
  const records = retry === null
    ? await readPlanned(program, batch, skipped)
    : await readRetried(ledger, program, retry, batch, new Set(skipped));
  return { records: complete(records, batch.row_count), waiting: new Map() };
}

async function readPlanned(
  { run, encoder }: RunProgram,
  batch: Batch,
  skipped: readonly number[],
): Promise<EncodedRecords> {
  const { byte_start, byte_end, first_row, first_line } = batch;
  const positions = skipped.map((row) => row - first_row);
  const input = encoder.input(byte_end - byte_start, batch.row_count, positions);
  const bytes = await readRange(run.source.path, byte_start, byte_end, input);
  if (checksum(bytes) !== batch.checksum) throw changed(run.source.path);
  return encoder.encodePiece({ offset: byte_start, line: first_line, row: first_row });
}

function complete(records: EncodedRecords, planned: number): EncodedRecords {
  if (records.count === planned) return records;
  throw new Error(`The batch has ${records.count} records, planned were ${planned}`);
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
  const retry = retryOf(program.run);
  const records = retry === null
    ? await readScattered(program.run.source.path, rows)
    : await readRetriedRows(ledger, retry, rows.map((row) => row.row_number));
  return {
    records: complete(program.encoder.encodeFound(records), rows.length),
    waiting: new Map(rows.map((row) => [row.row_number, row])),
  };
}

async function readScattered(path: string, rows: readonly WaitingRow[]): Promise<FoundRecords> {
  const lengths = rows.map((row) => row.byte_end - row.byte_start);
  const ends = Int32Array.from(runningSums(lengths));
  const starts = ends.map((end, record) => end - lengths[record]);
  const bytes = new Uint8Array(ends.at(-1) ?? 0);
  for (let first = 0; first < rows.length;) {
    let last = first;
    while (
      last + 1 < rows.length &&
      rows[last + 1].byte_start - rows[last].byte_end < MAX_GAP_BYTES &&
      rows[last + 1].byte_end - rows[first].byte_start < MAX_STRETCH_BYTES
    ) last++;
    const offset = rows[first].byte_start;
    const stretch = await readRange(path, offset, rows[last].byte_end);
    for (let record = first; record <= last; record++) {
      const row = rows[record];
      const own = stretch.subarray(row.byte_start - offset, row.byte_end - offset);
      if (crc32(own) !== row.checksum) throw changed(path);
      bytes.set(own, starts[record]);
    }
    first = last + 1;
  }
  return {
    count: rows.length,
    bytes,
    starts,
    ends,
    lines: Float64Array.from(rows, (row) => row.line),
    rowNumbers: Float64Array.from(rows, (row) => row.row_number),
  };
}

function* runningSums(numbers: readonly number[]): Generator<number> {
  let sum = 0;
  for (const number of numbers) yield sum += number;
}
