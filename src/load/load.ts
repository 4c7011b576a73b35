/**
 * Loads a batch's good rows into the target table, inside the batch's transaction: by COPY straight
 * into it where possible, otherwise through a staging table.
 */
import type { Session } from "../db/session.ts";
import { attemptCopy } from "./copy_direct.ts";
import { clearStage } from "./fill_stage.ts";
import { foreseeRefused } from "./foresee_refused.ts";
import { type Attempt, isolate } from "./isolate.ts";
import { numberedBuffer } from "./numbered_rows.ts";
import {
  canCopyDirectly,
  type LoadHistory,
  type LoadOptions,
  type LoadPlan,
  noteDirect,
  refusesDuplicates,
  tryDirect,
} from "./load_plan.ts";
import { NOT_TOGETHER, refuseRow, type RowRefusal } from "./refuse.ts";
import { chooseRows, CREATED, type EncodedRows, LoadedRows } from "./encoded_rows.ts";
import { loadThroughStage } from "./stage.ts";
import { Suspicion } from "./suspicion.ts";

/**
 * Gives every row its outcome. A row that Postgres refuses fails alone. Throws errors that are not
 * the data's fault. Rows are applied as if one by one, in order.
 */
export async function loadRows(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  history: LoadHistory,
  options: LoadOptions,
): Promise<LoadedRows> {
  const loaded = new LoadedRows(rows.count);
  if (rows.count === 0) return loaded;
  const direct = rows.levels === null && canCopyDirectly(plan);
  const attempted = direct && tryDirect(history);
  if (attempted) {
    const attempt = await attemptCopy(session, plan, rows, 0, rows.count, IMMEDIATELY);
    noteDirect(history, attempt.ok);
    if (attempt.ok) {
      loaded.outcomes.fill(attempt.outcome);
      return loaded;
    }
    history.triggersTakeSome ||= attempt.refusal === NOT_TOGETHER;
  } else {
    await session.query(IMMEDIATELY);
    history.sinceDirect++;
  }
  if (direct && refusesDuplicates(plan) && !history.triggersTakeSome) {
    const isClean = await loadWithoutRefused(session, plan, rows, loaded, options);
    // This batch could have been copied straight into the table, so perhaps the next one can.
    if (isClean && !attempted) noteDirect(history, true);
  } else {
    await loadThroughStage(session, plan, rows, loaded, options);
  }
  return loaded;
}

/**
 * Makes Postgres check deferred constraints with each statement. Otherwise their violations would
 * escape isolation and make the whole batch fail at its commit.
 */
const IMMEDIATELY = "set constraints all immediate";

/**
 * Loads a batch in which rows may be refused: copies it without the rows that are certain to be
 * refused, and isolates others by COPY's errors, which name the row. True if all rows were created.
 */
async function loadWithoutRefused(
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
  // The buffer holds the staged rows, which are not needed any more, so it can be reused.
  const chosen = refused.size === 0 ? rows : chooseRows(rows, left, numberedBuffer(session, rows));
  const attempt = async (from: number, to: number): Promise<Attempt<RowRefusal>> => {
    const attempt = await attemptCopy(session, plan, chosen, from, to);
    if (!attempt.ok && attempt.refusal === NOT_TOGETHER) {
      await loadStaged(session, plan, rows, left.subarray(from, to), loaded, options);
      return { ok: true };
    }
    if (attempt.ok) {
      for (let index = from; index < to; index++) loaded.outcomes[left[index]] = attempt.outcome;
    }
    return attempt;
  };
  const suspicion = new Suspicion(session, loaded, options);
  const tried = { end: left.length, rowAt: (index: number) => left[index], attempt };
  await isolate(0, left.length, attempt, async (index, refusal) => {
    refuseRow(loaded, left[index], refusal, plan, options);
    await suspicion.refused(index, refusal, tried);
  });
  await suspicion.end();
  return loaded.outcomes.every((outcome) => outcome === CREATED);
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
  await clearStage(session);
  await loadThroughStage(session, plan, some, part, options);
  for (const [index, row] of chosen.entries()) {
    const error = part.errors.get(index);
    if (error) loaded.fail(row, error);
    else loaded.outcomes[row] = part.outcomes[index];
  }
}
