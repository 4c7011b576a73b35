/** Loads rows by COPY, and finds by its errors which rows are refused. */
import type { Session } from "../db/session.ts";
import { attemptCopy, type CopyAttempt } from "./copy_direct.ts";
import { chooseRows, CREATED, type EncodedRows, LoadedRows, UNDECIDED } from "./encoded_rows.ts";
import { clearStage } from "./stage/fill_stage.ts";
import { type Foreseen, foreseeRefused } from "./foresee_refused.ts";
import { type Attempt, isolate } from "./refusal/isolate.ts";
import { byLevel, holdBack } from "./merge/levels.ts";
import {
  expectedRules,
  type LoadHistory,
  type LoadOptions,
  type LoadPlan,
  noteBroken,
} from "./load_plan.ts";
import { numberedBuffer } from "./stage/numbered_rows.ts";
import { NOT_TOGETHER, refuseRow, type RowRefusal } from "./refusal/refuse.ts";
import { loadThroughStage } from "./stage/stage.ts";
import { canStage } from "./stage/stage_table.ts";
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
  history: LoadHistory,
  options: LoadOptions,
): Promise<boolean> {
  const refuse = (refused: Foreseen["refused"]) => {
    for (const [row, refusal] of refused) refuseRow(loaded, row, refusal, plan, options);
  };
  const rules = expectedRules(history);
  if (rules !== null) {
    const { earlierPages } = history;
    const { refused } = await foreseeRefused(session, plan, rows, { rules, earlierPages });
    const copied = await copyOthers(session, plan, rows, refused, options);
    if (copied.ok) {
      loaded.outcomes.fill(copied.outcome);
      refuse(refused);
      return refused.size === 0;
    }
    await clearStage(session, plan);
  }
  const { refused, brokenRules } = await foreseeRefused(session, plan, rows, null);
  noteBroken(history, brokenRules);
  refuse(refused);
  const left = without(rows, refused);
  const suspicion = new Suspicion(session, loaded, options);
  await copyChosen(session, plan, rows, left, loaded, options, suspicion);
  await suspicion.end();
  return loaded.outcomes.every((outcome) => outcome === CREATED);
}

/** Copies the rows that are not refused. If another one is, none is written. */
async function copyOthers(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  refused: Foreseen["refused"],
  { undo = null }: LoadOptions,
): Promise<CopyAttempt> {
  if (refused.size === rows.count) return { ok: true, outcome: CREATED };
  const chosen = choose(session, rows, without(rows, refused));
  return await attemptCopy(session, plan, chosen, 0, chosen.count, undo);
}

function without({ count }: EncodedRows, refused: Foreseen["refused"]): Int32Array {
  const left = new Int32Array(count - refused.size);
  let [row, index] = [0, 0];
  for (const end of [...Int32Array.from(refused.keys()).sort(), count]) {
    while (row < end) left[index++] = row++;
    row++;
  }
  return left;
}

/** In the buffer of the staged rows, which are not needed any more. */
function choose(session: Session, rows: EncodedRows, left: Int32Array): EncodedRows {
  return left.length === rows.count ? rows : chooseRows(rows, left, numberedBuffer(session, rows));
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
  const chosen = choose(session, rows, left);
  const attempt = async (from: number, to: number): Promise<Attempt<RowRefusal>> => {
    const attempt = await attemptCopy(session, plan, chosen, from, to, options.undo ?? null);
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
