/** Loads a batch's good rows, and calls the hook that comes after them. */
import type { Session } from "../../db/session.ts";
import { CREATED, type LoadedRows, SKIPPED, TAKEN, UPDATED } from "../../load/encoded_rows.ts";
import { loadRows } from "../../load/load.ts";
import type { LoadOptions } from "../../load/load_plan.ts";
import type { RowError } from "../../row/outcome.ts";
import type { RunProgram } from "../program.ts";
import { isAtomic } from "../sequence.ts";
import type { EncodedBatch } from "./encode.ts";

/** If afterBatch fails, none of the batch's rows are loaded. */
export async function loadBatch(
  session: Session,
  program: RunProgram,
  encoded: EncodedBatch,
  options: LoadOptions,
): Promise<LoadedRows> {
  const { loadPlan, history, hooks } = program;
  const load = () => loadRows(session, loadPlan, encoded.good, history, options);
  if (hooks === null || !hooks.uses.afterBatch) return await load();
  await session.query("savepoint ingest_hooks");
  const loaded = await load();
  const written: number[] = [];
  for (const [row, outcome] of loaded.outcomes.entries()) {
    if (WRITTEN.includes(outcome)) written.push(row);
  }
  const { rowNumbers } = encoded.places;
  // An atomic batch with a failed row will be rolled back.
  const isLost = isAtomic(program.run.definition) && encoded.bad.size + loaded.errors.size > 0;
  const failure = written.length === 0 || isLost ? null : await hooks.afterBatch(
    session,
    written.map((row) => rowNumbers[encoded.goodRecords[row]]),
  );
  const back = failure === null ? "" : "rollback to savepoint ingest_hooks;";
  await session.query(`${back} release savepoint ingest_hooks`);
  if (failure !== null) takeBack(loaded, failure, written);
  return loaded;
}

/** Rows that were up to date may have got links or children, which are gone as well. */
function takeBack(loaded: LoadedRows, failure: RowError, written: readonly number[]): void {
  const related = loaded.related.size > 0;
  loaded.related.clear();
  for (const row of written) loaded.fail(row, failure);
  if (!related) return;
  for (const [row, outcome] of loaded.outcomes.entries()) {
    if (outcome === SKIPPED) loaded.fail(row, failure);
  }
}

/** A trigger may have put a row that it has taken somewhere else. */
const WRITTEN: readonly number[] = [CREATED, UPDATED, TAKEN];
