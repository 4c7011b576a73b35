/** Loads rows by COPY, and finds by its errors which rows are refused. */
import type { Session } from "../db/session.ts";
import { attemptCopy } from "./copy_direct.ts";
import { chooseRows, CREATED, type EncodedRows, LoadedRows, UNDECIDED } from "./encoded_rows.ts";
import { clearStage } from "./fill_stage.ts";
import { foreseeRefused } from "./foresee_refused.ts";
import { type Attempt, isolate } from "./refusal/isolate.ts";
import { byLevel, holdBack } from "./levels.ts";
import type { LoadOptions, LoadPlan } from "./load_plan.ts";
import { numberedBuffer } from "./numbered_rows.ts";
import { NOT_TOGETHER, refuseRow, type RowRefusal } from "./refusal/refuse.ts";
import { loadThroughStage } from "./stage.ts";
import { canStage } from "./stage_table.ts";
import { Suspicion } from "./refusal/suspicion.ts";

/**
 * Loads a batch in which rows may be refused: copies it without the rows that are certain to be
 * refused, and isolates others by COPY's errors, which name the row. True if all rows were created.
 */
export async function loadWithoutRefused(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  loaded: LoadedRows,
  options: LoadOptions,
): Promise<boolean> {
  const refused = await foreseeRefused(session, plan, rows);
  for (const [row, refusal] of refused) refuseRow(loaded, row, refusal, plan, options);
  const left = new Int32Array(rows.count - refused.size);
  for (let row = 0, index = 0; row < rows.count; row++) {
    if (!refused.has(row)) left[index++] = row;
  }
  const suspicion = new Suspicion(session, loaded, options);
  await copyChosen(session, plan, rows, left, loaded, options, suspicion);
  await suspicion.end();
  return loaded.outcomes.every((outcome) => outcome === CREATED);
}

/**
 * The same for rows that share keys, where no stage can be created. Level by level, as a COPY that is
 * refused would refuse both of two rows with the same key.
 */
export async function copyByLevel(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  loaded: LoadedRows,
  options: LoadOptions,
): Promise<void> {
  const order = byLevel(rows);
  const suspicion = new Suspicion(session, loaded, options);
  for (const [start, end] of order.levels) {
    holdBack(rows, loaded, order.rows, start, end);
    const left = order.rows.subarray(start, end)
      .filter((row) => loaded.outcomes[row] === UNDECIDED);
    await copyChosen(session, plan, rows, left, loaded, options, suspicion);
  }
  await suspicion.end();
}

async function copyChosen(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  left: Int32Array,
  loaded: LoadedRows,
  options: LoadOptions,
  suspicion: Suspicion,
): Promise<void> {
  // The buffer holds the staged rows, which are not needed any more, so it can be reused.
  const chosen = left.length === rows.count
    ? rows
    : chooseRows(rows, left, numberedBuffer(session, rows));
  const attempt = async (from: number, to: number): Promise<Attempt<RowRefusal>> => {
    const attempt = await attemptCopy(session, plan, chosen, from, to);
    if (!attempt.ok && attempt.refusal === NOT_TOGETHER && canStage(plan)) {
      await loadStaged(session, plan, rows, left.subarray(from, to), loaded, options);
      return { ok: true };
    }
    if (attempt.ok) {
      for (let index = from; index < to; index++) loaded.outcomes[left[index]] = attempt.outcome;
    }
    return attempt;
  };
  const tried = { end: left.length, rowAt: (index: number) => left[index], attempt };
  await isolate(0, left.length, attempt, async (index, refusal) => {
    refuseRow(loaded, left[index], refusal, plan, options);
    await suspicion.refused(index, refusal, tried);
  });
}

/** Loads some of the rows through a staging table, which tells which of them triggers took. */
async function loadStaged(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  chosen: Int32Array,
  loaded: LoadedRows,
  options: LoadOptions,
): Promise<void> {
  const some = chooseRows(rows, chosen);
  const part = new LoadedRows(some.count);
  await clearStage(session, plan);
  await loadThroughStage(session, plan, some, part, options);
  for (const [index, row] of chosen.entries()) {
    const error = part.errors.get(index);
    if (error) loaded.fail(row, error);
    else loaded.outcomes[row] = part.outcomes[index];
  }
}
