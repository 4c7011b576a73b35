/** Loads through a staging table: COPY into it, then set-based statements into the target. */
import type { Session } from "../../db/session.ts";
import { noteSeen } from "../absent/absent_tables.ts";
import { createStage, fillStage } from "./fill_stage.ts";
import { findRefused } from "../find_refused.ts";
import { isolate } from "../refusal/isolate.ts";
import { mergeStatements } from "../merge/merge.ts";
import { attemptMerge } from "../merge/merge_attempt.ts";
import { numberedRows } from "./numbered_rows.ts";
import { childPlans, type LoadOptions, type LoadPlan } from "../load_plan.ts";
import { countStaged } from "../record_outcomes.ts";
import { findRefusedChildren } from "../related/find_refused_children.ts";
import { refuseRow, type RowRefusal } from "../refusal/refuse.ts";
import { type EncodedRows, type LoadedRows, UNDECIDED } from "../encoded_rows.ts";
import { byLevel, holdBack } from "../merge/levels.ts";
import { foldsFrom, loadFolded } from "../merge/fold_levels.ts";
import { decideRepeated, leavesKeys } from "../merge/repeated_keys.ts";
import { refusalRules } from "../rules.ts";
import { stageOf } from "./stage_table.ts";
import { Suspicion } from "../refusal/suspicion.ts";

export async function loadThroughStage(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  loaded: LoadedRows,
  options: LoadOptions,
): Promise<void> {
  const order = byLevel(rows);
  const refuse = (position: number, refusal: RowRefusal) =>
    refuseRow(loaded, order.rows[position], refusal, plan, options);
  const { undo = null } = options;
  await createStage(session, plan, undo !== null && undo.keeps !== null);
  await createChildStages(session, plan);
  await fillStage(session, plan, numberedRows(session, rows, order.rows), refuse);
  if (plan.notesKeys) await session.query(noteSeen(plan));
  const stage = stageOf(plan);
  const takeOut = async (positions: readonly number[]) => {
    if (positions.length === 0) return;
    await session.query(
      `delete from ${stage.table} where ${stage.position} = any($1::int[])`,
      [positions],
    );
  };
  const statements = mergeStatements(plan, session.serverVersion, undo);
  const isStaged = (position: number) => loaded.outcomes[order.rows[position]] === UNDECIDED;
  const levelOf = (from: number, to: number) => ({ from, to, order: order.rows, isStaged });
  const attempt = (from: number, to: number) => {
    return attemptMerge(session, plan, statements, levelOf(from, to), loaded, undo);
  };
  const suspicion = new Suspicion(session, loaded, options);
  const loadLevel = async (start: number, end: number) => {
    if (countStaged(levelOf(start, end)) === 0) return;
    if ((await attempt(start, end)).ok) return;
    const refused = await findRefused(session, plan, refusalRules(plan), start, end, false);
    await takeOut([...refused.keys()]);
    for (const [position, { refusal }] of refused) refuse(position, refusal);
    const incomplete = await findRefusedChildren(session, plan, start, end);
    await takeOut([...incomplete.keys()]);
    for (const [position, refusal] of incomplete) refuse(position, refusal);
    const tried = { end, rowAt: (position: number) => order.rows[position], attempt };
    await isolate(start, end, attempt, async (position, refusal) => {
      refuse(position, refusal);
      await suspicion.refused(position, refusal, tried);
    });
  };
  const folding = { session, plan, statements, order: order.rows, loaded, undo, refuse };
  const folded = foldsFrom(plan, order.levels);
  for (const [start, end] of order.levels.slice(0, folded)) {
    await takeOut(holdBack(rows, loaded, order.rows, start, end));
    await loadLevel(start, end);
    if (end === rows.count || !leavesKeys(plan, levelOf(start, end), loaded)) continue;
    const later = levelOf(end, rows.count);
    await takeOut(await decideRepeated(session, plan, statements, later, loaded));
  }
  await loadFolded(folding, order.levels.slice(folded), loadLevel);
  await suspicion.end();
}

/** Before any attempt: one that is undone would take its stages along. */
async function createChildStages(session: Session, plan: LoadPlan): Promise<void> {
  for (const child of childPlans(plan)) {
    await createStage(session, child);
    await createChildStages(session, child);
  }
}
