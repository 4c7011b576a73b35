/** The way through a staging table: COPY there, then set-based statements into the target. */
import type { Session } from "../db/session.ts";
import { takeOutRefused } from "./find_refused.ts";
import { type Attempt, isolate } from "./isolate.ts";
import type { LoadOptions } from "./plan.ts";
import { mergeStatements } from "./merge.ts";
import { attemptMerge } from "./merge_attempt.ts";
import { identifier, quoted, quotedList } from "./names.ts";
import type { LoadPlan } from "./plan.ts";
import { COMPARE_EXTRA, POSITION, STAGE, STAGE_NAME } from "./stage_table.ts";
import { copyRow } from "./refusal.ts";
import { asRefusal, refuseRow, type RowRefusal, SUPPRESSED } from "./refuse.ts";
import {
  copyData,
  copyStatement,
  type EncodedRows,
  FAILED,
  type LoadedRows,
  UNDECIDED,
  WAITING,
} from "./rows.ts";
import { type NumberedRows, numberedRows } from "./numbered_rows.ts";
import { rulesAreKnown } from "./rules.ts";
import { undoable } from "./undoable.ts";

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
  await fillStage(session, plan, rows, order.rows, refuse);
  const statements = mergeStatements(plan, session.serverVersion);
  const isStaged = (position: number) => loaded.outcomes[order.rows[position]] === UNDECIDED;
  const attempt = (from: number, to: number) =>
    attemptMerge(session, plan, statements, { from, to, order: order.rows, isStaged }, loaded);
  for (const [start, end] of order.levels) {
    await holdBack(session, rows, loaded, order.rows, start, end);
    if ((await attempt(start, end)).ok) continue;
    for (const [position, refusal] of await takeOutRefused(session, plan, start, end, false)) {
      refuse(position, refusal);
    }
    await isolate(start, end, attempt, refuse);
  }
}

/**
 * A row behind one that waits for a later phase, with a key in common, waits with it: or it would
 * be applied before it.
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
  if (held.length === 0) return;
  await session.query(`delete from ${STAGE} where ${POSITION} = any($1::int[])`, [held]);
}

/**
 * Fails the rows of which it is sure that Postgres would refuse them, for rows that are only
 * inserted, and returns the others. All of them if it can't know.
 */
export async function sortOutRefused(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  loaded: LoadedRows,
  options: LoadOptions,
): Promise<readonly number[]> {
  const all = Array.from({ length: rows.count }, (_, row) => row);
  if (!rulesAreKnown(plan)) return all;
  const refuse = (row: number, refusal: RowRefusal) =>
    refuseRow(loaded, row, refusal, plan, options);
  await fillStage(session, plan, rows, Int32Array.from(all), refuse);
  for (const [row, refusal] of await takeOutRefused(session, plan, 0, rows.count, true)) {
    refuse(row, refusal);
  }
  return all.filter((row) => loaded.outcomes[row] !== FAILED);
}

/** Are staged rows, less those that are sure to be refused, as good as sent once more? */
export function canInsertStaged(plan: LoadPlan): boolean {
  return rulesAreKnown(plan) && !plan.table.hasRules;
}

/** Inserts all staged rows, of which there are `count`; leaves nothing behind if it is refused. */
export function insertStaged(
  session: Session,
  plan: LoadPlan,
  count: number,
): Promise<Attempt<RowRefusal>> {
  const columns = quotedList(plan.columns);
  return undoable<RowRefusal>(
    session,
    async () => {
      const inserted = await session.execute(
        `insert into ${quoted(plan.table)} (${columns})
         select ${columns} from ${STAGE} order by ${POSITION}`,
      );
      return inserted === count ? null : SUPPRESSED;
    },
    asRefusal,
    () => null,
  );
}

async function fillStage(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  order: Int32Array,
  refuse: (position: number, refusal: RowRefusal) => void,
): Promise<void> {
  const staged = numberedRows(session, rows, order);
  await session.query(createStage(plan));
  // Values that Postgres can't read are refused here, each with its line.
  const attempt = (from: number, to: number) => attemptStageCopy(session, plan, staged, from, to);
  await isolate(0, rows.count, attempt, refuse);
}

/**
 * In the same message: no nested loops where the table is all but empty pages by its statistics.
 * Autovacuum that looks in the middle of a dry run, or just after one, finds its pages and no rows;
 * Postgres then joins the stage with what it takes for one row, row by row. One UPDATE of 5,000
 * rows in 60,000 had not ended after two minutes; with a hash it takes 0.1 s.
 */
function createStage(plan: LoadPlan): string {
  const columns = plan.columns.map((name) => `t.${identifier(name)}`);
  if (plan.compare?.extra) columns.push(`t.${identifier(plan.compare.target)} as ${COMPARE_EXTRA}`);
  // It is there already where a dry run goes on in a transaction (`clearStage`).
  return `create temporary table if not exists ${STAGE} on commit drop as
    select 0::int as ${POSITION}, ${columns.join(", ")} from ${quoted(plan.table)} t with no data;
    select set_config('enable_nestloop', 'off', true) from pg_class
    where oid = ${plan.table.oid} and reltuples between 0 and least(relpages - 1, ${FEW_ROWS})`;
}

const FEW_ROWS = 10_000;

/**
 * Empties the stage, if there is one, for another batch of the same run in the same transaction.
 * Dropped and made anew each time, it would fill the server's table of locks.
 */
export async function clearStage(session: Session): Promise<void> {
  const [{ exists }] = await session.query<{ exists: boolean }>(
    "select to_regclass($1) is not null as exists",
    [`pg_temp.${STAGE}`],
  );
  if (exists) await session.query(`truncate ${STAGE}`);
}

function attemptStageCopy(
  session: Session,
  plan: LoadPlan,
  staged: NumberedRows,
  from: number,
  to: number,
): Promise<Attempt<RowRefusal>> {
  const columns = [POSITION, quotedList(plan.columns)];
  if (plan.compare?.extra) columns.push(COMPARE_EXTRA);
  const chunk = staged.bytes.subarray(from === 0 ? 0 : staged.ends[from - 1], staged.ends[to - 1]);
  return undoable<RowRefusal>(
    session,
    async () => {
      const copied = await session.copyIn(
        copyStatement(STAGE, columns.join(", "), staged.format),
        copyData(staged.format, chunk),
      );
      if (copied !== to - from) {
        throw new Error(`COPY took ${copied} rows into the staging table, ${to - from} were sent`);
      }
      return null;
    },
    asRefusal,
    (refusal) => {
      const at = typeof refusal === "string" ? null : copyRow(refusal, STAGE_NAME);
      return at === null || from + at >= to ? null : from + at;
    },
  );
}

interface LevelOrder {
  /** Row by position. */
  readonly rows: Int32Array;
  /** Ranges of positions, one for each level, in the order in which they are applied. */
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
