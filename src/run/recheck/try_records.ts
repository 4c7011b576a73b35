/** Encodes and loads records in the open transaction, which is rolled back: nothing is noted of them. */
import type { Session } from "../../db/session.ts";
import { LoadedRows } from "../../load/encoded_rows.ts";
import type { FoundRecords } from "../../source/found_records.ts";
import { encodeBatch, encodeInLevels } from "../process/encode.ts";
import { loadBatch } from "../process/load_batch.ts";
import type { ReadBatch } from "../process/read.ts";
import { encodeResolved } from "../process/resolve.ts";
import { splitByRoute } from "../process/split_by_route.ts";
import type { Outcome } from "../process/tally.ts";
import type { RunProgram } from "../program.ts";

/** One outcome for each table that takes some, and one for those that none takes. */
export async function tryRecords(
  session: Session,
  program: RunProgram,
  found: FoundRecords,
): Promise<readonly Outcome[]> {
  const read: ReadBatch = {
    records: { kind: "found", found },
    count: found.count,
    waiting: new Map(),
  };
  const chooseTables = () =>
    encodeResolved(session, program, (writers) => encodeBatch(program, read, writers));
  const { parts, refused } = await splitByRoute(program, read, chooseTables);
  const outcomes: Outcome[] = [];
  if (refused !== null) outcomes.push({ program, encoded: refused, loaded: new LoadedRows(0) });
  for (const { program, read } of parts) {
    const encoded = await encodeResolved(
      session,
      program,
      (writers) => encodeInLevels(program, read, writers, new Set()),
    );
    const loaded = await loadBatch(session, program, encoded, {
      selfReferencesMayWait: false,
      runHasWritten: () => Promise.resolve(false),
    });
    outcomes.push({ program, encoded, loaded });
  }
  return outcomes;
}
