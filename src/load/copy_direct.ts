/** COPY straight into the target table. */
import type { Session } from "../db/session.ts";
import type { Attempt } from "./isolate.ts";
import { quoted, quotedList } from "./names.ts";
import type { LoadPlan } from "./plan.ts";
import { copyRow } from "./refusal.ts";
import { asRefusal, type RowRefusal, SUPPRESSED } from "./refuse.ts";
import { type EncodedRows, lines } from "./rows.ts";
import { undoable } from "./undoable.ts";

/** Copies the rows [from, to); leaves nothing behind if it is refused. */
export function attemptCopy(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  from: number,
  to: number,
): Promise<Attempt<RowRefusal>> {
  const statement = `copy ${quoted(plan.table)} (${quotedList(plan.columns)}) from stdin`;
  return undoable<RowRefusal>(
    session,
    async () => {
      const written = await session.copyIn(statement, [lines(rows, from, to)]);
      return written === to - from ? null : SUPPRESSED;
    },
    asRefusal,
    (refusal) => {
      const at = refusal === SUPPRESSED ? null : copyRow(refusal, plan.table.name);
      return at === null || from + at >= to ? null : from + at;
    },
  );
}
