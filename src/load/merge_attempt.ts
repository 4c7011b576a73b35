/** Tries to move a range of staged rows into the target table. */
import type { Session } from "../db/session.ts";
import type { Attempt } from "./refusal/isolate.ts";
import type { MergeStatements } from "./merge.ts";
import type { LoadPlan } from "./load_plan.ts";
import { duplicateMessage } from "./refusal/refusal.ts";
import { asRefusal, NOT_TOGETHER, type RowRefusal } from "./refusal/refuse.ts";
import { CREATED, type LoadedRows, SKIPPED, TAKEN, UPDATED } from "./encoded_rows.ts";
import { undoable } from "./refusal/undoable.ts";
import { AttemptNotes, type UndoNotes } from "./undo_notes.ts";

export interface StagedRange {
  readonly from: number;
  readonly to: number;
  /** The row at each position. */
  readonly order: Int32Array;
  /** Some rows are not in the stage: they were refused or held back. */
  isStaged(position: number): boolean;
}

/** A key that another transaction is inserting right now is visible only on the second try. */
const LOOKS_AT_A_SINGLE_ROW = 2;

export async function attemptMerge(
  session: Session,
  plan: LoadPlan,
  statements: MergeStatements,
  range: StagedRange,
  loaded: LoadedRows,
  undo: UndoNotes | null,
): Promise<Attempt<RowRefusal>> {
  if (range.to - range.from === 1 && !range.isStaged(range.from)) return { ok: true };
  let looks = range.to - range.from === 1 && plan.key.length > 0 ? LOOKS_AT_A_SINGLE_ROW : 1;
  for (;;) {
    const before = loaded.outcomes.slice();
    const notes = new AttemptNotes(plan.table, undo);
    let end = "";
    let noted = false;
    const attempt = await undoable(
      session,
      async (begun) => {
        notes.begun(begun);
        const merged = await merge(session, plan, statements, range, loaded, notes);
        if (merged === NOT_TOGETHER) return NOT_TOGETHER;
        noted = true;
        end = merged.end;
        return null;
      },
      asRefusal(plan.table),
      () => null,
      { begin: notes.begin, end: () => end },
    );
    if (!attempt.ok && noted) loaded.restore(before);
    looks--;
    if (attempt.ok || looks === 0 || !isDuplicate(attempt.refusal)) return attempt;
  }
}

function isDuplicate(refusal: RowRefusal): boolean {
  return refusal !== NOT_TOGETHER && refusal.code === "23505";
}

/** `end`: SQL that notes what was written, to be sent before the attempt's savepoint is released. */
interface MergedRange {
  readonly end: string;
}

async function merge(
  session: Session,
  plan: LoadPlan,
  statements: MergeStatements,
  range: StagedRange,
  loaded: LoadedRows,
  notes: AttemptNotes,
): Promise<MergedRange | typeof NOT_TOGETHER> {
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
  if (statements.merge !== null) {
    const { created, updated } = await mergeAtOnce(session, statements.merge, range, loaded);
    return { end: updated === 0 ? notes.created(created) : notes.updated(created + updated) };
  }
  const updated = statements.update === null
    ? NO_ROWS
    : await run<Found>(session, statements.update, bounds);
  const rest = statements.update === null ? bounds : [...bounds, updated.rows];
  const mark = notes.updated(updated.written ?? updated.rows.length);
  let missing: Found, end: string;
  if (plan.onMissing !== "insert") {
    missing = { ...NO_ROWS, ...await run<Pick<Found, "rows">>(session, statements.missing, rest) };
    end = mark;
  } else if (mark === "" || updated.rows.length === countStaged(range)) {
    const inserted = await insert(session, statements.insert, rest);
    missing = inserted;
    end = mark || notes.created(inserted.written);
  } else {
    // What is created needs a savepoint of its own, to be told from what was updated.
    const apart = notes.within();
    apart.begun(await session.query(`${mark} savepoint ingest_insert; ${apart.begin}`));
    const inserted = await insert(session, statements.insert, rest);
    missing = inserted;
    end = apart.created(inserted.written);
  }
  await record(session, plan, statements, range, loaded, updated, missing);
  return { end };
}

function countStaged(range: StagedRange): number {
  let staged = 0;
  for (let position = range.from; position < range.to; position++) {
    if (range.isStaged(position)) staged++;
  }
  return staged;
}

/** Positions that a statement returned. */
interface Found {
  readonly rows: readonly number[];
  readonly taken: readonly number[];
  /** How many rows of the table were written, if not one for each. */
  readonly written?: number;
}

const NO_ROWS: Found = { rows: [], taken: [] };

async function insert(
  session: Session,
  statement: string,
  parameters: readonly unknown[],
): Promise<Found & { readonly written: number }> {
  const inserted = await run<Found & { written: number }>(session, statement, parameters);
  const { rows, written, taken } = inserted;
  if (written + taken.length === rows.length) return inserted;
  throw new Error(
    `INSERT wrote ${written} rows, and triggers took ${taken.length}, but there were ${rows.length}`,
  );
}

/** Merges the range by MERGE. A row that it neither created nor updated was already up to date. */
async function mergeAtOnce(
  session: Session,
  statement: string,
  range: StagedRange,
  loaded: LoadedRows,
): Promise<Merged> {
  const all = countStaged(range);
  const [merged] = await session.query<Merged>(statement, [range.from, range.to, all]);
  const rest = merged.created === all ? CREATED : merged.updated === all ? UPDATED : SKIPPED;
  for (let position = range.from; position < range.to; position++) {
    if (range.isStaged(position)) loaded.outcomes[range.order[position]] = rest;
  }
  for (const position of merged.created_rows ?? []) {
    loaded.outcomes[range.order[position]] = CREATED;
  }
  for (const position of merged.updated_rows ?? []) {
    loaded.outcomes[range.order[position]] = UPDATED;
  }
  return merged;
}

interface Merged {
  readonly created: number;
  readonly updated: number;
  readonly created_rows: readonly number[] | null;
  readonly updated_rows: readonly number[] | null;
}

async function run<Row extends object>(
  session: Session,
  statement: string,
  parameters: readonly unknown[],
): Promise<Row> {
  const [row] = await session.query<Row>(statement, parameters);
  return row;
}

/** Records the outcomes of the range's rows. Called only if none of them was refused. */
async function record(
  session: Session,
  plan: LoadPlan,
  statements: MergeStatements,
  range: StagedRange,
  loaded: LoadedRows,
  updated: Found,
  missing: Found,
): Promise<void> {
  const isMissing = new Set(missing.rows);
  const existsFails = plan.onDuplicate === "fail";
  const missingFails = plan.onMissing === "fail";
  const failures: number[] = [];
  for (let position = range.from; position < range.to; position++) {
    if (!range.isStaged(position)) continue;
    const fails = isMissing.has(position) ? missingFails : existsFails;
    if (fails) failures.push(position);
    else {
      loaded.outcomes[range.order[position]] =
        isMissing.has(position) && plan.onMissing === "insert" ? CREATED : SKIPPED;
    }
  }
  for (const position of updated.rows) loaded.outcomes[range.order[position]] = UPDATED;
  // A trigger may take an update and delete the row, which is then inserted.
  const taken = updated.taken.filter((position) => !isMissing.has(position));
  for (const position of [...taken, ...missing.taken]) {
    loaded.outcomes[range.order[position]] = TAKEN;
  }
  if (failures.length === 0) return;
  const values = await session.query<{ position: number; value: string }>(
    statements.keyValues,
    [range.from, range.to],
  );
  const valueAt = new Map(values.map(({ position, value }) => [position, value]));
  const column = plan.key.length === 1 ? plan.key[0] : null;
  for (const position of failures) {
    const value = valueAt.get(position) ?? null;
    loaded.fail(
      range.order[position],
      isMissing.has(position)
        ? {
          code: "lookup",
          message: `No ${plan.table.name} row has this ${plan.key.join(", ")}.`,
          column,
          value,
        }
        : { code: "duplicate", message: duplicateMessage(plan.key), column, value },
    );
  }
}
