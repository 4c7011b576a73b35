/**
 * Foresees which rows Postgres would refuse, before they go to the table. Only the columns that its
 * rules look at go to the stage for that, and all columns of the few rows that break one.
 */
import type { Session } from "../db/session.ts";
import { binaryType } from "../row/copy_format.ts";
import { createStage, fillStage } from "./fill_stage.ts";
import { findRefused } from "./find_refused.ts";
import { numberedColumns } from "./numbered_columns.ts";
import { type NumberedRows, numberedRows } from "./numbered_rows.ts";
import type { LoadPlan } from "./load_plan.ts";
import type { RowRefusal } from "./refuse.ts";
import type { EncodedRows } from "./encoded_rows.ts";
import { refusalRules, type Rule, rulesAreKnown } from "./rules.ts";

/**
 * For rows that are only inserted: those of which it is sure that Postgres would refuse them, with
 * what it would say. None if it can't know.
 *
 * A million rows of which one in a hundred is refused: 1.5 s of the server's CPU instead of 2.4 s
 * for staging all columns, finding those rows, and inserting the others from there. (Arrays of
 * values as parameters, in place of the stage, took as long as the stage does.)
 */
export async function foreseeRefused(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
): Promise<ReadonlyMap<number, RowRefusal>> {
  const refused = new Map<number, RowRefusal>();
  if (!rulesAreKnown(plan)) return refused;
  const { staged, columns, rules } = cut(session, plan, rows);
  if (columns.length === 0) return refused;
  await createStage(session, plan);
  await fillStage(session, plan, staged, (row, refusal) => refused.set(row, refusal), columns);
  for (const [row, refusal] of await findRefused(session, plan, rules, 0, rows.count, true)) {
    refused.set(row, refusal);
  }
  if (columns.length < plan.columns.length) await reread(session, plan, rows, refused);
  return refused;
}

/** A value that Postgres can't read is refused before any rule is looked at, whatever its column. */
async function reread(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  refused: Map<number, RowRefusal>,
): Promise<void> {
  if (refused.size === 0) return;
  const order = Int32Array.from(refused.keys()).sort();
  const staged = numberedRows(session, rows, order);
  await fillStage(session, plan, staged, (index, refusal) => refused.set(order[index], refusal));
}

interface Cut {
  readonly staged: NumberedRows;
  readonly columns: readonly string[];
  /** Those that the rows can break. */
  readonly rules: readonly Rule[];
}

/**
 * What goes to the stage: also values of types that Postgres reads by rules of its own. In the
 * table, each of them that it can't read would cost the rows before it to be written twice.
 */
function cut(session: Session, plan: LoadPlan, rows: EncodedRows): Cut {
  const all = refusalRules(plan);
  const unsure = plan.table.columns.filter((column) => binaryType(column) === null)
    .map(({ name }) => name);
  const required = all.filter(({ onlyNull }) => onlyNull)
    .map(({ columns: [name] }) => plan.columns.indexOf(name));
  const cutFor = (broken: readonly Rule[]) => {
    const wanted = new Set([...unsure, ...broken.flatMap(({ columns }) => columns)]);
    const isWanted = (name: string) => wanted.has(name);
    const taken = plan.columns.flatMap((name, index) => isWanted(name) ? [index] : []);
    const staged = numberedColumns(session, rows, taken, required);
    const rules = all.filter(({ columns }) => columns.every(isWanted));
    return staged && { staged, columns: plan.columns.filter(isWanted), rules };
  };
  // A column that is only looked at for NULLs mostly has none.
  return cutFor(all.filter(({ onlyNull }) => !onlyNull)) ?? cutFor(all)!;
}
