/**
 * A second pass over a run's rows. For error messages, it finds where the keys of deferred rows
 * first occurred. For a dry run, it finds the rows that must be loaded again before deferred ones.
 */
import type { KeyRegister } from "../../keys/register.ts";
import {
  type DeferredRow,
  writeEarlierRows,
  writeFirstRows,
} from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { PlanPosition } from "../../ledger/batches/plan.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { RecordCursor } from "../../source/record.ts";
import type { RunProgram } from "../program.ts";
import { WatchedReader } from "./watched_reader.ts";

const PIECE = { rows: 10_000, bytes: 1_000_000 };

/**
 * Runs in the open transaction, over the rows up to `end`. `run` must be freshly read. Throws
 * PlanUnwanted.
 */
export type SecondPass = (ledger: Ledger, run: Run, end: PlanPosition) => Promise<void>;

/** Null if there is nothing to look for. */
export function secondPass(
  { hasher, supply }: RunProgram,
  register: KeyRegister | null,
): SecondPass | null {
  if (hasher === null || register === null) return null;
  const duplicates = register.duplicateSearch();
  const earlier = register.earlierRows();
  if (duplicates === null && earlier === null) return null;
  const isDone = () => earlier === null && (duplicates === null || duplicates.done);
  const keys = { keys: hasher.described, hash: (record: RecordCursor) => hasher.hash(record) };
  return async (ledger, run, end) => {
    const reader = new WatchedReader(await supply.open(ledger, run, keys, PIECE), ledger, run.id);
    try {
      while (!isDone() && reader.position.bytes < end.bytes) {
        const piece = await reader.next();
        if (piece === null) break;
        const found: DeferredRow[] = [];
        for (let row = 0; row < piece.rows && !isDone(); row++) {
          if (duplicates !== null && !duplicates.done) duplicates.look(piece.hashed, row);
          if (earlier?.includes(piece.hashed, row)) found.push(piece.row(row));
        }
        await writeEarlierRows(ledger, run.id, found);
      }
    } finally {
      reader.close();
    }
    if (duplicates !== null) await writeFirstRows(ledger, run.id, duplicates.found);
  };
}
