/** From an edited export to rows that a retry can try: checked, and kept in the ledger. */
import {
  copyCorrections,
  findWrongCorrection,
  keepCorrections,
  prepareCorrections,
  type WrongCorrection,
} from "../ledger/corrections.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Retry } from "../ledger/retries.ts";
import type { CorrectedFile } from "./corrected_file.ts";
import { Refused } from "./refused.ts";

/** In the transaction that creates the retry. Throws Refused, naming the file's line. */
export async function storeCorrections(
  ledger: Ledger,
  retry: Retry,
  file: CorrectedFile,
): Promise<void> {
  await prepareCorrections(ledger);
  for await (const lines of file.rows()) await copyCorrections(ledger, lines);
  const wrong = await findWrongCorrection(ledger, retry);
  if (wrong !== null) throw file.refuse(wrong.line, describe(wrong, retry));
  if (await keepCorrections(ledger, retry) === 0) {
    throw new Refused(`Cannot retry run ${retry.from}: ${file.name} has no rows.`);
  }
}

function describe({ row_number, problem, other }: WrongCorrection, { from }: Retry): string {
  switch (problem) {
    case "twice":
      return `row ${row_number} is on line ${other} already. Keep one of them.`;
    case "unknown":
      return `run ${from} has no failed row ${row_number}. Leave _row_number as it was exported.`;
    case "resolved":
      return `row ${row_number} is fixed already, by run ${other}. Remove it, or export anew: ` +
        `ingest errors ${from} --export failed.csv`;
  }
}
