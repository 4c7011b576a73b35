/** Checks the rows of an edited export and stores them in the ledger, for a retry to load. */
import {
  copyCorrections,
  findWrongCorrection,
  keepCorrections,
  listUnreadable,
  prepareCorrections,
  takeLoggedBytes,
  type WrongCorrection,
} from "../../ledger/corrections.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Retry } from "../../ledger/retries.ts";
import type { CorrectedFile } from "./corrected_file.ts";
import { Refused } from "./refused.ts";

/** Runs in the transaction that creates the retry. Throws Refused, naming the file's line. */
export async function storeCorrections(
  ledger: Ledger,
  retry: Retry,
  file: CorrectedFile,
): Promise<void> {
  await prepareCorrections(ledger);
  for await (const lines of file.rows()) await copyCorrections(ledger, lines);
  const wrong = await findWrongCorrection(ledger, retry);
  if (wrong !== null) throw file.refuse(wrong.line, describe(wrong, retry));
  await keepUntouched(ledger, retry, file);
  if (await keepCorrections(ledger, retry) === 0) {
    throw new Refused(`Cannot retry run ${retry.from}: ${file.name} has no rows.`);
  }
}

const PAGE = 1000;

/**
 * A record that could not be read as a row is exported as well as it can be shown, and that reads
 * as a good row with odd values. If nobody has edited it, the retry uses the record's original
 * bytes, and the row fails as before.
 */
async function keepUntouched(ledger: Ledger, retry: Retry, file: CorrectedFile): Promise<void> {
  for (let after = 0;;) {
    const rows = await listUnreadable(ledger, retry, after, PAGE);
    const untouched = rows.filter((row) => equal(file.asExported(row), row.received));
    await takeLoggedBytes(ledger, retry, untouched.map((row) => row.row_number));
    if (rows.length < PAGE) return;
    after = rows[rows.length - 1].row_number;
  }
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function describe({ row_number, problem, other }: WrongCorrection, { from }: Retry): string {
  switch (problem) {
    case "twice":
      return `row ${row_number} is already on line ${other}. Keep only one of them.`;
    case "unknown":
      return `run ${from} has no failed row ${row_number}. Leave _row_number as it was exported.`;
    case "resolved":
      return `run ${other} has already fixed row ${row_number}. Remove it, or export again: ` +
        `ingest errors ${from} --export failed.csv`;
  }
}
