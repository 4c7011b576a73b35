/** Moves a range of staged rows into the target table, and notes what became of them. */
import type { Session } from "../../db/session.ts";
import type { MergeStatements } from "./merge.ts";
import type { UpdateStatement } from "./update_statement.ts";
import type { LoadPlan } from "../load_plan.ts";
import type { Parts } from "./merge_parts.ts";
import { NOT_TOGETHER, type RowRefusal } from "../refusal/refuse.ts";
import { type Others, RowsAppeared } from "./rows_appeared.ts";
import type { Relating } from "../related/relate.ts";
import type { LoadedRows } from "../encoded_rows.ts";
import {
  countStaged,
  foundIn,
  type Merged,
  type MissingRows,
  record,
  recordMerged,
  type StagedRange,
  type Updated,
  type UpdatedRows,
} from "../record_outcomes.ts";
import { UnexpectedCount } from "../unexpected_count.ts";

/** Throws RowsAppeared, and what Postgres refuses. */
export async function merge(
  session: Session,
  plan: LoadPlan,
  statements: MergeStatements,
  range: StagedRange,
  loaded: LoadedRows,
  parts: Parts,
  others: Others,
  relating: Relating | null,
): Promise<RowRefusal | null> {
  const bounds = [range.from, range.to];
  const alone = range.to - range.from === 1;
  if (statements.repeatedKeys !== null && !alone) {
    const [{ repeated }] = await session.query<{ repeated: boolean }>(
      statements.repeatedKeys,
      bounds,
    );
    // The range is halved until no key occurs in it twice.
    if (repeated) return NOT_TOGETHER;
  }
  await relating?.begin();
  const staged = countStaged(range);
  const hitsOwn = await hits(session, statements, bounds);
  if (statements.merge !== null && !hitsOwn) {
    const merged = await run<Merged>(session, statements.merge, [...bounds, staged]);
    recordMerged(range, loaded, merged, staged);
    await noteMerged(plan, parts, merged);
    return null;
  }
  const updated = hitsOwn
    ? await updateInTwo(session, statements, range, staged, parts, others)
    : statements.update === null
    ? { ...NO_ROWS, since: null }
    : await update(session, statements.update, range, [], staged, parts, others);
  const rest = statements.update === null ? bounds : [...bounds, updated.rows, updated.since];
  // If each row has updated one, none is left to look for.
  const missing = updated.rows.length === staged
    ? NO_ROWS
    : plan.onMissing === "insert"
    ? await insert(session, statements.insert, rest, parts)
    : { ...NO_ROWS, ...await run<Left>(session, statements.missing, rest) };
  if (missing.appeared.some((position) => !others.known.has(position))) {
    throw new RowsAppeared(missing.appeared);
  }
  await record(session, plan, statements, range, loaded, updated, missing);
  await relating?.end(loaded, missing);
  return null;
}

/** What is found of the rows that have updated none. */
type Left = Pick<MissingRows, "rows" | "appeared">;

const NO_ROWS: MissingRows = { rows: [], taken: [], appeared: [] };

/** Whether rows of the range update others that the run itself has written. */
async function hits(
  session: Session,
  { own }: MergeStatements,
  bounds: readonly number[],
): Promise<boolean> {
  if (own === null || own.hit === null) return own !== null;
  return (await run<{ hit: boolean }>(session, own.hit, bounds)).hit;
}

/** Throws RowsAppeared. */
async function update(
  session: Session,
  { sql, keep, together, isMarked, mayTake }: UpdateStatement,
  range: StagedRange,
  rest: readonly unknown[],
  staged: number,
  parts: Parts,
  others: Others,
): Promise<UpdatedRows> {
  await parts.next();
  const parameters = [range.from, range.to, ...rest];
  // Where others often change these rows, it would find one that has changed again and again.
  const atOnce = together !== null && !others.interfere;
  const before = keep === null || atOnce
    ? null
    : await run<{ kept: number; xmin: string | null }>(session, keep, parameters);
  const last = before !== null && mayTake ? [before.xmin] : [];
  const statement = atOnce ? together : sql;
  const found = await run<Updated>(session, statement, [...parameters, staged, ...last]);
  const updated = foundIn(range, found);
  const written = updated.written ?? updated.rows.length;
  const kept = before?.kept ?? found.kept ?? written;
  if (mayTake ? written > kept : written !== kept) throw new RowsAppeared([]);
  if (isMarked) parts.marked(written);
  else parts.updated(written);
  return updated;
}

/** What the run has created, remains created. */
async function updateInTwo(
  session: Session,
  { own }: MergeStatements,
  range: StagedRange,
  staged: number,
  parts: Parts,
  others: Others,
): Promise<UpdatedRows> {
  if (own === null) throw new Error("These rows update none that the run has written");
  await parts.next();
  const bounds = [range.from, range.to];
  const first = foundIn(range, await run<Updated>(session, own.update.sql, [...bounds, staged]));
  parts.created(first.written ?? first.rows.length, 0);
  if (first.rows.length === staged) return first;
  const rest = await update(session, own.updateOthers, range, [first.rows], staged, parts, others);
  return {
    rows: [...first.rows, ...rest.rows],
    taken: [...first.taken, ...rest.taken],
    // The second statement leaves alone what the run has created. So it counts what came after the first.
    since: first.since,
  };
}

async function insert(
  session: Session,
  statement: string,
  parameters: readonly unknown[],
  parts: Parts,
): Promise<MissingRows> {
  await parts.next();
  const inserted = await run<MissingRows & { written: number }>(session, statement, parameters);
  const { rows, written, taken } = inserted;
  if (written + taken.length !== rows.length) {
    throw new UnexpectedCount(
      `INSERT wrote ${written} rows, and triggers took ${taken.length}, but there were ${rows.length}`,
    );
  }
  parts.created(written);
  return inserted;
}

/** If a MERGE has created rows and updated others, the fewer ones are listed. */
async function noteMerged(
  plan: LoadPlan,
  parts: Parts,
  merged: Merged,
): Promise<void> {
  const { created, updated, written = created + updated } = merged;
  if (updated === 0) parts.created(created);
  else if (created === 0) parts.updated(written);
  else await parts.mixed(plan, merged);
}

async function run<Row extends object>(
  session: Session,
  statement: string,
  parameters: readonly unknown[],
): Promise<Row> {
  const [row] = await session.query<Row>(statement, parameters);
  return row;
}
