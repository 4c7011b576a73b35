/**
 * Loads a batch's good rows into the target table, inside the batch's transaction: by COPY straight
 * into it where possible, otherwise through a staging table. Where no stage can be created, rows
 * that are only inserted are copied, and refused ones found by halving.
 */
import type { Session } from "../db/session.ts";
import { attemptCopy } from "./copy_direct.ts";
import { canForesee, countEarlierPages } from "./foresee_refused.ts";
import { copyByLevel, loadWithoutRefused } from "./copy_rows.ts";
import {
  canCopyAlways,
  canCopyDirectly,
  type LoadHistory,
  type LoadOptions,
  type LoadPlan,
  noteDirect,
  refusesDuplicates,
  tryDirect,
} from "./load_plan.ts";
import { NOT_TOGETHER } from "./refusal/refuse.ts";
import { IMMEDIATELY } from "./refusal/undoable.ts";
import { type EncodedRows, LoadedRows } from "./encoded_rows.ts";
import { loadThroughStage } from "./stage/stage.ts";
import { canStage } from "./stage/stage_table.ts";

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
  const foresees = direct && refusesDuplicates(plan) && canForesee(plan);
  if (foresees) history.earlierPages ??= await countEarlierPages(session, plan, rows.count);
  const { undo = null } = options;
  const first = plan.checksAtEnd ? "" : IMMEDIATELY;
  const attempted = direct && tryDirect(history, foresees);
  if (attempted) {
    const attempt = await attemptCopy(session, plan, rows, 0, rows.count, undo, first);
    noteDirect(history, attempt.ok);
    if (attempt.ok) {
      loaded.outcomes.fill(attempt.outcome);
      return loaded;
    }
    history.triggersTakeSome ||= attempt.refusal === NOT_TOGETHER;
  } else {
    if (first !== "") await session.query(first);
    history.sinceDirect++;
  }
  const copyOnly = canCopyAlways(plan) && !canStage(plan);
  if (direct && (refusesDuplicates(plan) && !history.triggersTakeSome || copyOnly)) {
    const isClean = await loadWithoutRefused(session, plan, rows, loaded, history, options);
    // This batch could have been copied straight into the table, so perhaps the next one can.
    if (isClean && !attempted) noteDirect(history, true);
  } else if (copyOnly) {
    await copyByLevel(session, plan, rows, loaded, options);
  } else {
    await loadThroughStage(session, plan, rows, loaded, options);
  }
  return loaded;
}
