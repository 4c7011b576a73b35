/** Copies rows straight into the target table. */
import type { Session } from "../db/session.ts";
import type { Attempt } from "./refusal/isolate.ts";
import { identifiers, qualified } from "../db/quoting.ts";
import type { LoadPlan } from "./load_plan.ts";
import { copyRow } from "./refusal/refusal.ts";
import { asRefusal, NOT_TOGETHER, type RowRefusal } from "./refusal/refuse.ts";
import {
  copyData,
  copyStatement,
  CREATED,
  type EncodedRows,
  slice,
  TAKEN,
} from "./encoded_rows.ts";
import { undoable, undoableAtOnce } from "./refusal/undoable.ts";
import { AttemptNotes, type UndoNotes } from "./undo_notes.ts";
import { UnexpectedCount } from "./unexpected_count.ts";

export type CopyAttempt =
  /** `outcome`: of all rows. */
  | { readonly ok: true; readonly outcome: typeof CREATED | typeof TAKEN }
  | Attempt<RowRefusal> & { readonly ok: false };

/**
 * Copies the rows [from, to). If it is refused, it leaves nothing behind. So it does if triggers
 * took some of the rows, because COPY doesn't say which: NOT_TOGETHER. `first` is a statement to send
 * before it in the same message; it is not undone.
 */
export async function attemptCopy(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  from: number,
  to: number,
  undo: UndoNotes | null,
  first = "",
): Promise<CopyAttempt> {
  const { table } = plan;
  const copy = copyStatement(qualified(table), identifiers(plan.columns), rows.format);
  const data = copyData(rows.format, slice(rows, from, to));
  const sent = to - from;
  const locate = (refusal: RowRefusal) => {
    const at = refusal === NOT_TOGETHER ? null : copyRow(refusal, table.name);
    return at === null || from + at >= to ? null : from + at;
  };
  const notes = new AttemptNotes(table, undo);
  let written = 0;
  const attempt = table.hasBeforeInsertTriggers || notes.begin !== ""
    // How many rows triggers took shows only after everything is sent.
    ? await undoable(
      session,
      async (begun) => {
        notes.begun(begun);
        written = await session.copyIn(copy, data);
        return written === sent || written === 0 ? null : NOT_TOGETHER;
      },
      asRefusal(table),
      locate,
      {
        first,
        begin: notes.begin,
        end: () => notes.created(written),
        checksAtEnd: plan.checksAtEnd,
      },
    )
    : await undoableAtOnce(
      session,
      async (before, after) => {
        written = await session.copyIn(`${first}; ${before}; ${copy}; ${after}`, data);
        if (written === sent) return;
        throw new UnexpectedCount(
          `COPY wrote ${written} rows to ${table.name}, but ${sent} were sent`,
        );
      },
      asRefusal(table),
      locate,
      notes.created(sent),
      plan.checksAtEnd,
    );
  return attempt.ok ? { ok: true, outcome: written === sent ? CREATED : TAKEN } : attempt;
}
