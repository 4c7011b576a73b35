/** Checks the rows of an edited export and stores them in the ledger, for a retry to load. */
import {
  copyCorrections,
  findWrongCorrection,
  keepCorrections,
  listReceived,
  prepareCorrections,
  replaceReceived,
  takeLoggedBytes,
  type WrongCorrection,
} from "../../../ledger/edits/corrections.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Retry } from "../../../ledger/runs/retries.ts";
import { ChangedCells } from "./changed_cells.ts";
import type { CorrectedFile } from "./corrected_file.ts";
import type { RowComparison } from "../row_comparison.ts";
import { Refused } from "../refuse/refused.ts";

export interface StoredCorrections {
  /** What the file has changed. */
  readonly changes: ChangedCells;
  /** How many rows it has. */
  readonly rows: number;
}

/** Runs in the transaction that creates the retry. Throws Refused, naming the file's line. */
export async function storeCorrections(
  ledger: Ledger,
  retry: Retry,
  file: CorrectedFile,
  comparison: RowComparison,
): Promise<StoredCorrections> {
  await prepareCorrections(ledger);
  for await (const lines of file.rows()) await copyCorrections(ledger, lines);
  const wrong = await findWrongCorrection(ledger, retry);
  if (wrong !== null) throw file.refuse(wrong.line, describe(wrong, retry, file));
  const changes = await compareRows(ledger, retry, file, comparison);
  const rows = await keepCorrections(ledger, retry);
  if (rows === 0) throw new Refused(`Cannot retry run ${retry.from}: ${file.name} has no rows.`);
  return { changes, rows };
}

/** How much is in memory at a time. */
const PAGE = { rows: 1000, bytes: 1024 * 1024 };

/**
 * A row that nobody has edited is tried with its own bytes: the export shows a record that could
 * not be read as well as it can, and that would read as a good row with odd values. Only if it had
 * too few fields, the file says more than the bytes: all its cells.
 */
async function compareRows(
  ledger: Ledger,
  retry: Retry,
  file: CorrectedFile,
  comparison: RowComparison,
): Promise<ChangedCells> {
  const changes = new ChangedCells(file.lineWord);
  for (let after = 0;;) {
    const rows = await listReceived(ledger, retry, after, PAGE);
    if (rows.length === 0) return changes;
    const untouched: number[] = [];
    const touched: { row_number: number; raw: Uint8Array }[] = [];
    for (const given of rows) {
      const row = file.restored(given);
      const isShort = comparison.isShort(row);
      if (isShort) changes.addCompleted();
      if (!equal(file.asExported(row), row.received)) {
        const edited = file.isPlain ? row : comparison.withoutGuards(row);
        comparison.compare(edited, changes);
        const raw = comparison.withItsQuotes(edited) ?? edited.received;
        if (raw !== given.received) touched.push({ row_number: row.row_number, raw });
      } else if (!isShort) untouched.push(row.row_number);
    }
    await replaceReceived(ledger, touched);
    await takeLoggedBytes(ledger, retry, untouched);
    after = rows[rows.length - 1].row_number;
  }
}

function equal(one: Uint8Array | null, other: Uint8Array): boolean {
  return one !== null && one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function describe(
  { row_number, problem, other }: WrongCorrection,
  { from }: Retry,
  { lineWord, exportName }: CorrectedFile,
): string {
  switch (problem) {
    case "twice":
      return `row ${row_number} is already on ${lineWord} ${other}. Keep only one of them.`;
    case "unknown":
      return `run ${from} has no failed row ${row_number}. Leave _row_number as it was exported.`;
    case "waived":
      return `row ${row_number} of run ${from} is waived. Remove it, or take that back: ` +
        `ingest waive ${from} --rows ${row_number} --undo`;
    case "resolved":
      return `run ${other} has already fixed row ${row_number}. Remove it, or export again: ` +
        `ingest errors ${from} --export ${exportName}`;
  }
}
