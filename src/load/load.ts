/**
 * Loads a batch's good rows into the target table, inside the batch's transaction: straight by
 * COPY when nothing speaks against it, else through a staging table.
 */
import type { Session } from "../db/session.ts";
import { attemptCopy } from "./copy_direct.ts";
import { foreseeRefused } from "./foresee_refused.ts";
import { isolate } from "./isolate.ts";
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
import { refuseRow } from "./refuse.ts";
import { chooseRows, CREATED, type EncodedRows, LoadedRows } from "./encoded_rows.ts";
import { loadThroughStage } from "./stage.ts";

/**
 * Every row gets its outcome; a row that Postgres refuses fails alone. Throws what is not the
 * data's fault. Rows are applied as if one by one in their order.
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
      loaded.outcomes.fill(CREATED);
      return loaded;
    }
  } else {
    await session.query(IMMEDIATELY);
    history.sinceDirect++;
  }
  if (direct && refusesDuplicates(plan) && !triggersHideDuplicates(plan)) {
    const isClean = await loadWithoutRefused(session, plan, rows, loaded, options);
    // It could have gone straight into the table, and so, perhaps, can the next.
    if (isClean && !attempted) noteDirect(history, true);
  } else {
    await loadThroughStage(session, plan, rows, loaded, options);
  }
  return loaded;
}

/**
 * Deferred constraints are judged with the statement that broke them, or they would escape
 * isolation and refuse the whole batch at its commit.
 */
const IMMEDIATELY = "set constraints all immediate";

/** A row whose key is there fails; COPY would not tell if a trigger dropped it before. */
function triggersHideDuplicates(plan: LoadPlan): boolean {
  return plan.key.length > 0 && plan.table.hasBeforeRowTriggers;
}

/**
 * Where rows are refused: COPY without those that are sure to be, isolating others by its errors,
 * which name the row. True if none was refused.
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
  // What was staged is in the buffer, and not needed any more.
  const chosen = refused.size === 0 ? rows : chooseRows(rows, left, numberedBuffer(session, rows));
  await isolate(0, left.length, async (from, to) => {
    const attempt = await attemptCopy(session, plan, chosen, from, to);
    if (attempt.ok) {
      for (let index = from; index < to; index++) loaded.outcomes[left[index]] = CREATED;
    }
    return attempt;
  }, (index, refusal) => refuseRow(loaded, left[index], refusal, plan, options));
  return loaded.outcomes.every((outcome) => outcome === CREATED);
}
