/**
 * Predicts which rows Postgres would refuse, before they are copied into the table. For that, only
 * the columns that its rules look at are staged, and then all columns of the few rows that break
 * one.
 */
import type { Session } from "../db/session.ts";
import { binaryType } from "../row/copy_format.ts";
import { createStage, fillStage } from "./fill_stage.ts";
import { findRefused } from "./find_refused.ts";
import { numberedColumns } from "./numbered_columns.ts";
import { type NumberedRows, numberedRows } from "./numbered_rows.ts";
import type { LoadPlan } from "./load_plan.ts";
import { isUnreadable } from "./refusal/refusal.ts";
import { NOT_TOGETHER, type RowRefusal } from "./refusal/refuse.ts";
import type { EncodedRows } from "./encoded_rows.ts";
import { refusalRules, type Rule, rulesAreKnown } from "./rules.ts";
import { canCreateStage } from "./stage_table.ts";
import { optional } from "./refusal/undoable.ts";

/**
 * For rows that are only inserted. Resolves with the rows that Postgres is certain to refuse, and
 * with each refusal. Resolves with none if it can't know.
 *
 * For a million rows of which one in a hundred is refused, this takes 1.5 s of the server's CPU.
 * Staging all columns, finding those rows and inserting the others from the stage takes 2.4 s.
 * (Passing the values as array parameters instead of staging them took as long as staging.)
 */
export async function foreseeRefused(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
): Promise<ReadonlyMap<number, RowRefusal>> {
  const refused = new Map<number, RowRefusal>();
  if (!rulesAreKnown(plan) || !canCreateStage(plan)) return refused;
  const { staged, columns, rules } = cut(session, plan, rows);
  if (columns.length === 0) return refused;
  const done = await optional(session, async () => {
    await createStage(session, plan);
    await fillStage(session, plan, staged, noteUnreadable(plan, refused, (row) => row), columns);
    for (const [row, refusal] of await findRefused(session, plan, rules, 0, rows.count, true)) {
      refused.set(row, refusal);
    }
    if (columns.length < plan.columns.length) await reread(session, plan, rows, refused);
  });
  if (!done) refused.clear();
  return refused;
}

/**
 * Other reasons why the stage refuses a row need not hold for the table: its rows are larger by
 * their position.
 */
function noteUnreadable(
  { table }: LoadPlan,
  refused: Map<number, RowRefusal>,
  rowAt: (position: number) => number,
): (position: number, refusal: RowRefusal) => void {
  return (position, refusal) => {
    if (refusal === NOT_TOGETHER || !isUnreadable(refusal.where, table)) return;
    refused.set(rowAt(position), refusal);
  };
}

/**
 * Stages all columns of the refused rows: an unreadable value in any column outranks every rule.
 */
async function reread(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  refused: Map<number, RowRefusal>,
): Promise<void> {
  if (refused.size === 0) return;
  const order = Int32Array.from(refused.keys()).sort();
  const staged = numberedRows(session, rows, order);
  await fillStage(session, plan, staged, noteUnreadable(plan, refused, (index) => order[index]));
}

interface Cut {
  readonly staged: NumberedRows;
  readonly columns: readonly string[];
  /** The rules that these columns can break. */
  readonly rules: readonly Rule[];
}

/**
 * Chooses the columns to stage. That includes those of types that only Postgres can read: if the
 * COPY into the table hit an unreadable value, the rows before it would have to be written twice.
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
  // First try without the columns that only NOT NULL rules look at: usually they have no NULL.
  return cutFor(all.filter(({ onlyNull }) => !onlyNull)) ?? cutFor(all)!;
}
