/**
 * Rows that share a key, applied at once. To apply them one after the other takes a few milliseconds for
 * each, and Postgres keeps every state until the transaction ends, and walks past all of them to find the
 * last: 10,000 rows of one key took a minute and a half. So what becomes of each row is computed by one
 * statement, and of all states of a row of the table only these are written: the one that it is
 * created with, and the last two. (The last one may be what was there before. With another one before
 * it, it is written nevertheless, and belongs to the run, as it would if all were.)
 */
import type { Session } from "../../db/session.ts";
import { CREATED, FAILED, type LoadedRows, SKIPPED, UPDATED } from "../encoded_rows.ts";
import { findBroken } from "../find_refused.ts";
import type { LoadPlan } from "../load_plan.ts";
import type { StagedRange } from "../record_outcomes.ts";
import type { Refusal } from "../refusal/refusal.ts";
import type { Attempt } from "../refusal/isolate.ts";
import { asRefusal, NOT_TOGETHER, type RowRefusal } from "../refusal/refuse.ts";
import { undoable } from "../refusal/undoable.ts";
import { refusalRules } from "../rules.ts";
import { stageOf } from "../stage/stage_table.ts";
import { AttemptNotes, type UndoNotes } from "../undo_notes.ts";
import { type Judged, judgeStatement } from "./fold_statement.ts";
import type { MergeStatements } from "./merge.ts";
import { Parts } from "./merge_parts.ts";
import { merge } from "./merge_rows.ts";
import { RowsAppeared } from "./rows_appeared.ts";

export interface Folding {
  readonly session: Session;
  readonly plan: LoadPlan;
  readonly statements: MergeStatements;
  readonly order: Int32Array;
  readonly loaded: LoadedRows;
  readonly undo: UndoNotes | null;
  refuse(position: number, refusal: Refusal): void;
}

/**
 * Tries to apply the staged rows [from, to), whatever keys they share. If anything is not as it was
 * computed, nothing has happened: fewer of them are to be tried.
 */
export async function attemptFolded(
  folding: Folding,
  from: number,
  to: number,
): Promise<Attempt<RowRefusal>> {
  const { session, plan, loaded, undo } = folding;
  const before = loaded.outcomes.slice();
  const notes = new AttemptNotes(plan.table, undo);
  let end = "";
  let refused: ReadonlyMap<number, Refusal> = new Map();
  const attempt = await undoable(
    session,
    async (begun) => {
      notes.begun(begun);
      const parts = new Parts(session, notes);
      const found = await fold(folding, from, to, parts);
      end = parts.end;
      refused = found ?? refused;
      return found === null ? NOT_TOGETHER : null;
    },
    (error) => error instanceof RowsAppeared ? NOT_TOGETHER : asRefusal(plan.table)(error),
    () => null,
    { begin: notes.begin, end: () => end },
  );
  if (attempt.ok) { for (const [position, refusal] of refused) folding.refuse(position, refusal); }
  else loaded.restore(before);
  return attempt;
}

/** Resolves with the rows that are refused; null if something is not as it was computed. */
async function fold(
  { session, plan, statements, order, loaded }: Folding,
  from: number,
  to: number,
  parts: Parts,
): Promise<ReadonlyMap<number, Refusal> | null> {
  const broken = await findBroken(session, plan, refusalRules(plan), from, to, true);
  if (broken === null) return null;
  const judged = await session.query<Judged>(judgeStatement(plan), [from, to, [...broken.keys()]]);
  if (judged.some(({ position, moves }) => moves === true && !broken.has(position))) return null;
  const { passes, outcomes, refused } = decide(plan, judged, new Set(broken.keys()));
  const places = await keepOnly(session, plan, from, to, passes.flatMap(({ rows }) => rows));
  const moved = order.slice();
  for (const [position, place] of places) moved[place] = order[position];
  let start = from;
  for (const { rows, becomes } of passes) {
    const range: StagedRange = {
      from: start,
      to: start + rows.length,
      order: moved,
      isStaged: () => true,
    };
    start = range.to;
    if (rows.length === 0) continue;
    await parts.next();
    const others = { known: new Set<number>(), interfere: false };
    if (await merge(session, plan, statements, range, loaded, parts, others, null) !== null) {
      return null;
    }
    const isExpected = (position: number) => becomes.includes(loaded.outcomes[order[position]]);
    if (!rows.every(isExpected)) return null;
  }
  for (const [position, outcome] of outcomes) loaded.outcomes[order[position]] = outcome;
  return new Map(refused.map((position) => [position, broken.get(position)!.refusal]));
}

/** Rows of different keys that are written together, and what is to become of each of them. */
interface Pass {
  readonly rows: number[];
  readonly becomes: readonly number[];
}

interface Decided {
  readonly passes: readonly Pass[];
  /** Of the rows whose keys the table has, or gets. */
  readonly outcomes: ReadonlyMap<number, number>;
  readonly refused: readonly number[];
}

function decide(
  plan: LoadPlan,
  judged: readonly Judged[],
  broken: ReadonlySet<number>,
): Decided {
  // Nothing is ever written for these, so they are all looked at together, whatever keys they share.
  const absent: Pass = { rows: [], becomes: [SKIPPED, FAILED] };
  const created: Pass = { rows: [], becomes: [CREATED] };
  const lastButOne: Pass = { rows: [], becomes: [UPDATED, SKIPPED] };
  const last: Pass = { rows: [], becomes: [UPDATED] };
  const outcomes = new Map<number, number>();
  const refused: number[] = [];
  /** By their first row: what updates the row of the table, the last one and the one before. */
  const updates = new Map<number, { last: number; before: number | null }>();
  const keysAbsent = new Set(
    plan.onMissing === "insert"
      ? []
      : judged.filter(({ changes }) => changes === null).map(({ first }) => first),
  );
  for (const { position, first, changes } of judged) {
    if (keysAbsent.has(first)) absent.rows.push(position);
    else if (changes === false) outcomes.set(position, SKIPPED);
    else if (broken.has(position)) refused.push(position);
    else if (changes === null) {
      created.rows.push(position);
      outcomes.set(position, CREATED);
    } else {
      updates.set(first, { last: position, before: updates.get(first)?.last ?? null });
      outcomes.set(position, UPDATED);
    }
  }
  for (const update of updates.values()) {
    if (update.before !== null) lastButOne.rows.push(update.before);
    last.rows.push(update.last);
  }
  return { passes: [absent, created, lastButOne, last], outcomes, refused };
}

/** Leaves only these rows of the range in the stage, in this order. Resolves with their new positions. */
async function keepOnly(
  session: Session,
  plan: LoadPlan,
  from: number,
  to: number,
  rows: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { table, position } = stageOf(plan);
  const places = rows.map((_, index) => from + index);
  await session.query(
    `with kept as materialized (
       select * from unnest($3::int[], $4::int[]) as kept (position, place)
     ), gone as (
       delete from ${table} s where s.${position} >= $1 and s.${position} < $2
         and not exists (select from kept where kept.position = s.${position})
     )
     update ${table} s set ${position} = kept.place from kept
     where s.${position} = kept.position and kept.place <> kept.position`,
    [from, to, rows, places],
  );
  return new Map(rows.map((row, index) => [row, places[index]]));
}
