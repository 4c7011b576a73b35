/** What is different in a batch of a retry: where its rows come from, and whom it tells of them. */
import type { EncodedRecords } from "../../kernel/encoded_records.ts";
import type { Batch } from "../../ledger/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readTaken, readTakenRows } from "../../ledger/retried_rows.ts";
import { type Retry, retryOf } from "../../ledger/retries.ts";
import { recordTried } from "../../ledger/tried_rows.ts";
import { FAILED, type LoadedRows, WAITING } from "../../load/rows.ts";
import { chooseRecords, type FoundRecords } from "../../source/found.ts";
import type { EncodedBatch } from "./encode.ts";
import type { RunProgram } from "../program.ts";
import { RowsTaken } from "./rows_taken.ts";

/**
 * The rows of a batch of the first phase, but for those that wait for a later one. Throws RowsTaken
 * if they are not all there any more.
 */
export async function readRetried(
  ledger: Ledger,
  { encoder }: RunProgram,
  retry: Retry,
  batch: Batch,
  elsewhere: ReadonlySet<number>,
): Promise<EncodedRecords> {
  const rows = await readTaken(ledger, retry, batch.first_row, batch.last_row);
  const planned = batch.row_count + batch.deferred;
  if (rows.count !== planned) {
    throw taken(planned, batch.first_row, batch.last_row, rows.count);
  }
  return encoder.encodeFound(
    elsewhere.size === 0
      ? rows
      : chooseRecords(rows, (record) => !elsewhere.has(rows.rowNumbers[record])),
  );
}

/** Single rows of the retry, in file order. Throws RowsTaken likewise. */
export async function readRetriedRows(
  ledger: Ledger,
  retry: Retry,
  rowNumbers: readonly number[],
): Promise<FoundRecords> {
  const rows = await readTakenRows(ledger, retry, rowNumbers);
  if (rows.count === rowNumbers.length) return rows;
  throw taken(rowNumbers.length, rowNumbers[0], rowNumbers.at(-1)!, rows.count);
}

/**
 * Tells the root, in the batch's own transaction, which of its failed rows were tried and are in the
 * table now, or have failed again. Does nothing for a run that is no retry, and for a dry run.
 */
export async function recordRetried(
  ledger: Ledger,
  program: RunProgram,
  encoded: EncodedBatch,
  loaded: LoadedRows,
): Promise<void> {
  const retry = retryOf(program.run);
  if (retry === null || retry.dryRun) return;
  const failed = Array.from(encoded.bad.keys(), (record) => encoded.places.rowNumbers[record]);
  const resolved: number[] = [];
  for (let row = 0; row < encoded.good.count; row++) {
    const outcome = loaded.outcomes[row];
    if (outcome === WAITING) continue;
    const rowNumber = encoded.places.rowNumbers[encoded.goodRecords[row]];
    (outcome === FAILED ? failed : resolved).push(rowNumber);
  }
  const tried = failed.length + resolved.length;
  if (tried === 0) return;
  const own = await recordTried(ledger, retry, { failed, resolved });
  if (own === tried) return;
  throw taken(
    tried,
    encoded.places.rowNumbers[0],
    encoded.places.rowNumbers[encoded.count - 1],
    own,
  );
}

function taken(planned: number, first: number, last: number, found: number): RowsTaken {
  return new RowsTaken(
    `Of ${planned} rows between ${first} and ${last} only ${found} are there to be retried: ` +
      "another retry has taken or fixed the others, or their log was deleted.",
  );
}
