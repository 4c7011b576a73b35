/** Adds the earlier row's number to rows that failed as duplicates of a row of the same file. */
import { listNextRows, type WaitingRow } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { listFailedAmong } from "../../ledger/rows/rows.ts";
import { duplicateMessage } from "../../load/refusal/refusal.ts";
import type { LoadedRows } from "../../load/encoded_rows.ts";
import type { RowError } from "../../row/outcome.ts";
import type { EncodedBatch } from "./encode.ts";
import type { RunProgram } from "../program.ts";

interface Collision {
  /** In the batch. */
  readonly row: number;
  readonly error: RowError;
  /** In the file. */
  readonly number: number;
  readonly first: number;
  readonly key: readonly string[];
}

export async function nameFirstRows(
  ledger: Ledger,
  { run }: RunProgram,
  encoded: EncodedBatch,
  loaded: LoadedRows,
  waiting: ReadonlyMap<number, WaitingRow>,
): Promise<void> {
  const found: Collision[] = [];
  for (const [row, error] of loaded.errors) {
    const number = encoded.places.rowNumbers[encoded.goodRecords[row]];
    const { duplicate_of: first, duplicate_key: key } = waiting.get(number) ?? {};
    if (error.code !== "duplicate" || !first || !key) continue;
    if (error.message === duplicateMessage(key)) found.push({ row, error, number, first, key });
  }
  if (found.length === 0) return;
  const failed = failedHere(encoded, loaded);
  const firsts = found.map(({ first }) => first);
  const failedBefore = await listFailedAmong(ledger, run.id, firsts);
  // If the first row with the key failed, it can't be the one that this row collides with. But the next
  // one with that key can.
  const gone = new Set([...failedBefore, ...firsts.filter((first) => failed.has(first))]);
  const last = found.reduce((most, { number }) => Math.max(most, number), 0);
  const others = gone.size === 0
    ? []
    : await listNextRows(ledger, run.id, [...gone], [...failed], last);
  const next = new Map(
    others.map(({ rowNumber, duplicateOf, key }) => [nameOf(duplicateOf, key), rowNumber]),
  );
  for (const { row, error, number, first, key } of found) {
    const earlier = gone.has(first) ? next.get(nameOf(first, key)) : first;
    if (earlier === undefined || earlier >= number) continue;
    loaded.fail(row, { ...error, code: "duplicate_in_file", first_row: earlier });
  }
}

function nameOf(first: number, key: readonly string[]): string {
  return JSON.stringify([first, key]);
}

/** What has failed in the batch isn't logged yet. */
function failedHere({ places, goodRecords, bad }: EncodedBatch, { errors }: LoadedRows) {
  return new Set([
    ...[...errors.keys()].map((row) => places.rowNumbers[goodRecords[row]]),
    ...[...bad.keys()].map((record) => places.rowNumbers[record]),
  ]);
}
