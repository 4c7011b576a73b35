/** Loads through a staging table: COPY into it, then set-based statements into the target. */
import type { Session } from "../db/session.ts";
import { createStage, fillStage } from "./fill_stage.ts";
import { findRefused } from "./find_refused.ts";
import { isolate } from "./isolate.ts";
import { mergeStatements } from "./merge.ts";
import { attemptMerge } from "./merge_attempt.ts";
import { numberedRows } from "./numbered_rows.ts";
import type { LoadOptions, LoadPlan } from "./load_plan.ts";
import { refuseRow, type RowRefusal } from "./refuse.ts";
import { type EncodedRows, type LoadedRows, UNDECIDED, WAITING } from "./encoded_rows.ts";
import { refusalRules } from "./rules.ts";
import { POSITION, STAGE } from "./stage_table.ts";
import { Suspicion } from "./suspicion.ts";

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
  await createStage(session, plan);
  await fillStage(session, plan, numberedRows(session, rows, order.rows), refuse);
  const statements = mergeStatements(plan, session.serverVersion);
  const isStaged = (position: number) => loaded.outcomes[order.rows[position]] === UNDECIDED;
  const attempt = (from: number, to: number) =>
    attemptMerge(session, plan, statements, { from, to, order: order.rows, isStaged }, loaded);
  const suspicion = new Suspicion(session, loaded, options);
  for (const [start, end] of order.levels) {
    await holdBack(session, rows, loaded, order.rows, start, end);
    if ((await attempt(start, end)).ok) continue;
    const refused = await findRefused(session, plan, refusalRules(plan), start, end, false);
    await takeOut(session, [...refused.keys()]);
    for (const [position, refusal] of refused) refuse(position, refusal);
    const tried = { end, rowAt: (position: number) => order.rows[position], attempt };
    await isolate(start, end, attempt, async (position, refusal) => {
      refuse(position, refusal);
      await suspicion.refused(position, refusal, tried);
    });
  }
  await suspicion.end();
}

/**
 * If a row waits for a later phase, later rows that share a key with it must wait too. Otherwise
 * they would be applied before it.
 */
async function holdBack(
  session: Session,
  rows: EncodedRows,
  loaded: LoadedRows,
  order: Int32Array,
  start: number,
  end: number,
): Promise<void> {
  const held: number[] = [];
  for (let position = start; position < end; position++) {
    const row = order[position];
    const waits = rows.after.get(row)?.some((earlier) => loaded.outcomes[earlier] === WAITING);
    if (!waits || loaded.outcomes[row] !== UNDECIDED) continue;
    loaded.outcomes[row] = WAITING;
    held.push(position);
  }
  await takeOut(session, held);
}

async function takeOut(session: Session, positions: readonly number[]): Promise<void> {
  if (positions.length === 0) return;
  await session.query(`delete from ${STAGE} where ${POSITION} = any($1::int[])`, [positions]);
}

interface LevelOrder {
  /** The row at each position. */
  readonly rows: Int32Array;
  /** A range of positions for each level, in the order in which the levels are applied. */
  readonly levels: readonly (readonly [number, number])[];
}

function byLevel(rows: EncodedRows): LevelOrder {
  const order = Int32Array.from({ length: rows.count }, (_, row) => row);
  const { levels } = rows;
  if (levels === null) return { rows: order, levels: [[0, rows.count]] };
  order.sort((a, b) => levels[a] - levels[b] || a - b);
  const ranges: [number, number][] = [];
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && levels[order[end]] === levels[order[start]]) end++;
    ranges.push([start, end]);
    start = end;
  }
  return { rows: order, levels: ranges };
}
