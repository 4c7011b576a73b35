/** Ends a run that has no work in progress, or opens its next phase. */
import { PostgresError } from "../db/connection_errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { BatchSize } from "../ledger/batches/next_phase.ts";
import type { EndNote } from "../ledger/runs/end_notes.ts";
import { settle, type SettleAction, settleWithin } from "../ledger/runs/settle.ts";
import { findRun } from "../ledger/runs/runs.ts";
import { releaseStored } from "../source/file/stored_at.ts";
import {
  checkSequence,
  type FilledSequence,
  type SequenceState,
  sequenceSubject,
  sequenceWarning,
} from "../load/catalog/sequences.ts";

export async function settleRun(
  ledger: Ledger,
  runId: number,
  batchSize: BatchSize,
): Promise<SettleAction> {
  const action = await settle(ledger, runId, batchSize, checkSequences);
  if (action.do === "end") await releaseSource(ledger, runId);
  return action;
}

/**
 * Ends the run in the open transaction, which holds its lock and has its work in progress. After the
 * commit, call `releaseSource`.
 */
export function endWithin(
  ledger: Ledger,
  runId: number,
  batchSize: BatchSize,
): Promise<SettleAction> {
  return settleWithin(ledger, runId, batchSize, checkSequences);
}

export async function releaseSource(ledger: Ledger, runId: number): Promise<void> {
  await releaseStored(async () => (await findRun(ledger, runId))?.source.path ?? null);
}

async function checkSequences(
  ledger: Ledger,
  filled: readonly FilledSequence[],
  advance: boolean,
): Promise<readonly EndNote[]> {
  const notes: EndNote[] = [];
  for (const each of filled) {
    const found = await check(ledger, each, advance);
    notes.push({ begins: sequenceSubject(each), text: sequenceWarning(each, found, advance) });
  }
  return notes;
}

/** A run has to end, whatever happens to its table: this neither waits for long nor fails. */
async function check(
  ledger: Ledger,
  filled: FilledSequence,
  advance: boolean,
): Promise<SequenceState> {
  await ledger.query(
    `savepoint ingest_sequence;
     set local lock_timeout = '2s'; set local statement_timeout = '10s'`,
  );
  let found: SequenceState = { state: "unknown" };
  try {
    found = await checkSequence(ledger.session, filled, advance);
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
  }
  // This takes the settings back, too. A sequence keeps its new position.
  await ledger.query("rollback to ingest_sequence; release ingest_sequence");
  return found;
}
