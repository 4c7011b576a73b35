/** Adds the earlier row's number to rows that failed as duplicates of a row of the same file. */
import type { WaitingRow } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { listFailedAmong } from "../../ledger/rows/rows.ts";
import { duplicateMessage } from "../../load/refusal/refusal.ts";
import type { LoadedRows } from "../../load/encoded_rows.ts";
import type { RowError } from "../../row/outcome.ts";
import type { EncodedBatch } from "./encode.ts";
import type { RunProgram } from "../program.ts";

export async function nameFirstRows(
  ledger: Ledger,
  program: RunProgram,
  encoded: EncodedBatch,
  loaded: LoadedRows,
  waiting: ReadonlyMap<number, WaitingRow>,
): Promise<void> {
  const named = new Map<number, { readonly error: RowError; readonly first: number }>();
  for (const [row, error] of loaded.errors) {
    const known = waiting.get(encoded.places.rowNumbers[encoded.goodRecords[row]]);
    if (error.code !== "duplicate" || !known?.duplicate_of || !known.duplicate_key) continue;
    if (error.message !== duplicateMessage(known.duplicate_key)) continue;
    named.set(row, { error, first: known.duplicate_of });
  }
  if (named.size === 0) return;
  // If the first row with the key failed, it can't be the one that this row collides with.
  const failed = new Set(
    await listFailedAmong(ledger, program.run.id, [...named.values()].map(({ first }) => first)),
  );
  for (const [row, { error, first }] of named) {
    if (!failed.has(first)) {
      loaded.fail(row, { ...error, code: "duplicate_in_file", first_row: first });
    }
  }
}
