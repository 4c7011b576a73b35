/**
 * Predicts which rows Postgres would refuse, before they are copied into the table. For that, only
 * the columns that its rules look at are staged, and then all columns of the few rows that break
 * one.
 */
import type { Session } from "../db/session.ts";
import { binaryType } from "../row/copy_format.ts";
import { clearStage, createStage, fillStage } from "./stage/fill_stage.ts";
import { type Broken, findRefused } from "./find_refused.ts";
import { numberedColumns } from "./stage/numbered_columns.ts";
import { type NumberedRows, numberedRows } from "./stage/numbered_rows.ts";
import type { LoadPlan } from "./load_plan.ts";
import { isUnreadable } from "./refusal/refusal.ts";
import { NOT_TOGETHER, type RowRefusal } from "./refusal/refuse.ts";
import type { EncodedRows } from "./encoded_rows.ts";
import { refusalRules, type Rule, rulesAreKnown } from "./rules.ts";
import { canCreateStage } from "./stage/stage_table.ts";
import { optional } from "./refusal/undoable.ts";

export interface Foreseen {
  readonly refused: ReadonlyMap<number, RowRefusal>;
  /** The names of the rules that these rows break. */
  readonly brokenRules: ReadonlySet<string>;
}

/** What rows of earlier batches tell of the next ones. */
export interface Expected {
  /** The names of the rules that rows are likely to break. */
  readonly rules: ReadonlySet<string>;
  /** See `countEarlierPages`. */
  readonly earlierPages: number | null;
}

export function canForesee(plan: LoadPlan): boolean {
  return rulesAreKnown(plan) && canCreateStage(plan);
}

/**
 * For rows that are only inserted. Resolves with the rows that Postgres is certain to refuse, and
 * with each refusal. Resolves with none if it can't know. Rows that break only rules that are not
 * expected are not found. Null: all rules are.
 *
 * For a million rows of which one in a hundred is refused, this takes 1.5 s of the server's CPU.
 * Staging all columns, finding those rows and inserting the others from the stage takes 2.4 s.
 * (Passing the values as array parameters instead of staging them took as long as staging.)
 */
export async function foreseeRefused(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  expected: Expected | null,
): Promise<Foreseen> {
  const refused = new Map<number, RowRefusal>();
  const brokenRules = new Set<string>();
  if (!canForesee(plan)) return { refused, brokenRules };
  const { staged, columns, rules } = cut(session, plan, rows, expected);
  if (columns.length === 0) return { refused, brokenRules };
  const done = await optional(session, async () => {
    await createStage(session, plan);
    await fillStage(session, plan, staged, noteUnreadable(plan, refused, (row) => row), columns);
    let broken = await findRefused(session, plan, rules, 0, rows.count, true);
    const order = Int32Array.from([...refused.keys(), ...broken.keys()]).sort();
    if (order.length > 0 && (columns.length < plan.columns.length || expected !== null)) {
      await stageAgain(session, plan, rows, order, refused);
      if (expected !== null) broken = await judgeAgain(session, plan, order);
    }
    for (const [row, { rule, refusal }] of broken) {
      if (refused.has(row)) continue;
      refused.set(row, refusal);
      brokenRules.add(rule.name);
    }
  });
  if (done) return { refused, brokenRules };
  return { refused: new Map(), brokenRules: new Set() };
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
 * Replaces what is staged by all columns of these rows. An unreadable value in any column outranks
 * every rule.
 */
async function stageAgain(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  order: Int32Array,
  refused: Map<number, RowRefusal>,
): Promise<void> {
  await clearStage(session, plan);
  const staged = numberedRows(session, rows, order);
  await fillStage(session, plan, staged, noteUnreadable(plan, refused, (index) => order[index]));
}

/** Applies all rules to the rows that were staged again: one that wasn't expected may come first. */
async function judgeAgain(
  session: Session,
  plan: LoadPlan,
  order: Int32Array,
): Promise<ReadonlyMap<number, Broken>> {
  const broken = await findRefused(session, plan, refusalRules(plan), 0, order.length, true);
  return new Map([...broken].map(([position, found]) => [order[position], found]));
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
function cut(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  expected: Expected | null,
): Cut {
  const all = expected === null
    ? refusalRules(plan)
    : refusalRules(plan, pagesToRead(expected, rows.count))
      .filter(({ name }) => expected.rules.has(name));
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

/** To read a page takes as long as to look up this many values in an index, or less. */
const LOOKUPS_PER_PAGE = 50;

function pagesToRead({ earlierPages }: Expected, rows: number): number | null {
  return earlierPages === null || earlierPages * LOOKUPS_PER_PAGE > rows ? null : earlierPages;
}

/**
 * The table's size in pages before a worker loads its first batch. A run's own rows have no values in
 * common, because the planner keeps them apart; so a new row is likely to collide only with the rows
 * in these pages. Null: it would never pay to read them for so few rows, or it is partitioned.
 */
export async function countEarlierPages(
  session: Session,
  { table }: LoadPlan,
  rows: number,
): Promise<number | null> {
  if (table.partitioned || rows < LOOKUPS_PER_PAGE) return null;
  const [{ pages }] = await session.query<{ pages: number }>(
    `select (pg_relation_size(${table.oid}) / current_setting('block_size')::int)::int as pages`,
  );
  return pages;
}
