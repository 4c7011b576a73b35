/** Tries to move a range of staged rows into the target table. */
import type { Session } from "../../db/session.ts";
import type { Attempt } from "../refusal/isolate.ts";
import { type MergeStatements, mergeStatements } from "./merge.ts";
import { merge } from "./merge_rows.ts";
import type { LoadPlan } from "../load_plan.ts";
import { Parts } from "./merge_parts.ts";
import { NOT_TOGETHER, type RowRefusal } from "../refusal/refuse.ts";
import { type Others, RowsAppeared } from "./rows_appeared.ts";
import { refusalIn } from "../related/refusal_in.ts";
import { Relating } from "../related/relate.ts";
import { addCounts } from "../related/related_plan.ts";
import type { LoadRange } from "../related/write_children.ts";
import type { LoadedRows } from "../encoded_rows.ts";
import type { StagedRange } from "../record_outcomes.ts";
import { undoable } from "../refusal/undoable.ts";
import { AttemptNotes, type UndoNotes } from "../undo_notes.ts";

/** How often an attempt is made anew because others have written rows meanwhile. */
const ANEW = 5;

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
  let anew = ANEW;
  const others: Others = { known: new Set(), interfere: false };
  const loadChildren = childrenLoader(session, undo);
  for (;;) {
    let appeared = false;
    const before = loaded.outcomes.slice();
    const notes = new AttemptNotes(plan.table, undo);
    let end = "";
    let noted = false;
    const relating = plan.related === undefined
      ? null
      : new Relating(session, plan, range, loadChildren, undo);
    const attempt = await undoable(
      session,
      async (begun) => {
        notes.begun(begun);
        const parts = new Parts(session, notes);
        try {
          const refusal = await merge(
            session,
            plan,
            statements,
            range,
            loaded,
            parts,
            others,
            relating,
          );
          noted = refusal === null;
          end = parts.end;
          return refusal;
        } catch (error) {
          if (!(error instanceof RowsAppeared)) throw error;
          for (const position of error.positions) others.known.add(position);
          others.interfere = true;
          appeared = true;
          return NOT_TOGETHER;
        }
      },
      refusalIn(plan),
      () => null,
      { begin: notes.begin, end: () => end, checksAtEnd: plan.checksAtEnd },
    );
    if (!attempt.ok && (noted || relating !== null)) loaded.restore(before);
    if (attempt.ok && relating !== null) {
      for (const [table, counts] of relating.counts) addCounts(loaded.related, table, counts);
    }
    if (appeared && anew-- > 0) continue;
    looks--;
    if (attempt.ok || looks === 0 || !isDuplicate(attempt.refusal)) return attempt;
  }
}

/**
 * Loads children within an attempt. What it remembers of others is for all attempts on the same rows.
 * `undo`: the notes of the rows that they belong to.
 */
function childrenLoader(session: Session, undo: UndoNotes | null): LoadRange {
  const remembered = new Map<LoadPlan, Others>();
  const load: LoadRange = async (plan, range, loaded) => {
    const others = remembered.get(plan) ?? { known: new Set(), interfere: false };
    remembered.set(plan, others);
    const own = undo?.beside(plan.table) ?? null;
    const statements = mergeStatements(plan, session.serverVersion, own);
    const relating = plan.related === undefined
      ? null
      : new Relating(session, plan, range, load, own);
    try {
      await noted(session, plan.table, own, async (parts) => {
        await merge(session, plan, statements, range, loaded, parts, others, relating);
        return parts.end;
      });
    } catch (error) {
      if (!(error instanceof RowsAppeared)) throw error;
      for (const position of error.positions) others.known.add(position);
      others.interfere = true;
      throw new RowsAppeared([]);
    }
    return relating?.counts ?? new Map();
  };
  return load;
}

/**
 * What is written to another table has a savepoint, and so a number of its own. If it fails, so does the
 * attempt, which takes it back.
 */
async function noted(
  session: Session,
  table: LoadPlan["table"],
  undo: UndoNotes | null,
  work: (parts: Parts) => Promise<string>,
): Promise<void> {
  const notes = new AttemptNotes(table, undo);
  if (undo === null) return void await work(new Parts(session, notes));
  notes.begun(await session.query(`savepoint ${BESIDE}; ${notes.begin}`));
  const end = await work(new Parts(session, notes));
  await session.query(`${end} release savepoint ${BESIDE}`);
}

const BESIDE = "ingest_beside";

function isDuplicate(refusal: RowRefusal): boolean {
  return refusal !== NOT_TOGETHER && refusal.code === "23505";
}
