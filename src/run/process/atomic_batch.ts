/**
 * `options.transaction: atomic`: a row that fails takes the other rows of its batch with it. What the
 * batch wrote is rolled back to where it began, rows that it added to look-up tables included. What is
 * noted in the ledger stays: that all of its rows have failed, and why.
 */
import type { Session } from "../../db/session.ts";
import { FAILED, LoadedRows } from "../../load/encoded_rows.ts";
import type { RowError } from "../../row/outcome.ts";
import type { Outcome } from "./tally.ts";

/** Before the batch looks anything up, on the session that loads it. */
export async function beginAtomic(session: Session): Promise<void> {
  await session.query("savepoint ingest_batch");
}

/** What the rows come to: null if it stands as it is. On the same session as `beginAtomic`. */
export async function endAtomic(
  session: Session,
  outcomes: readonly Outcome[],
): Promise<readonly Outcome[] | null> {
  const culprits = outcomes.flatMap(failedRows).sort((one, other) => one - other);
  if (culprits.length === 0) {
    await session.query("release ingest_batch");
    return null;
  }
  await session.query("rollback to ingest_batch; release ingest_batch");
  const error = rolledBack(culprits);
  return outcomes.map((outcome) => withoutBatch(outcome, error));
}

/** The numbers of the rows that failed by themselves. */
function failedRows({ encoded: { bad, goodRecords, places }, loaded }: Outcome): number[] {
  const refused = [...loaded.errors.keys()].map((row) => goodRecords[row]);
  return [...bad.keys(), ...refused].map((record) => places.rowNumbers[record]);
}

/** Rows that wait for others fail, too: what they waited with is gone. */
function withoutBatch({ encoded, loaded, program }: Outcome, error: RowError): Outcome {
  const bad = new Map(encoded.bad);
  for (const record of encoded.held) bad.set(record, [error]);
  const rest = new LoadedRows(loaded.outcomes.length);
  for (const [row, outcome] of loaded.outcomes.entries()) {
    rest.fail(row, outcome === FAILED ? loaded.errors.get(row)! : error);
  }
  return { program, encoded: { ...encoded, bad, held: [] }, loaded: rest };
}

/** One for all rows, so that it is written once: see `FailureForms`. */
function rolledBack([first, ...others]: readonly number[]): RowError {
  const number = first.toLocaleString("en-US");
  const more = others.length.toLocaleString("en-US");
  const who = others.length === 0
    ? `Row ${number}`
    : `Row ${number} and ${others.length === 1 ? "another one" : `${more} others`}`;
  return {
    code: "batch_rolled_back",
    message: "Another row of the batch failed, so none of it was loaded.",
    column: null,
    value: null,
    hint: `${who} failed.`,
  };
}
