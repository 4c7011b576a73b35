/** Copies rows straight into the target table. */
import type { Session } from "../db/session.ts";
import type { Attempt } from "./isolate.ts";
import { identifiers, qualified } from "../db/quoting.ts";
import type { LoadPlan } from "./load_plan.ts";
import { copyRow } from "./refusal.ts";
import { asRefusal, type RowRefusal, SUPPRESSED } from "./refuse.ts";
import { copyData, copyStatement, type EncodedRows, slice } from "./encoded_rows.ts";
import { undoable, undoableAtOnce } from "./undoable.ts";

/**
 * Copies the rows [from, to). If it is refused, it leaves nothing behind. `first` is a statement to
 * send before it in the same message; it is not undone.
 */
export function attemptCopy(
  session: Session,
  plan: LoadPlan,
  rows: EncodedRows,
  from: number,
  to: number,
  first = "",
): Promise<Attempt<RowRefusal>> {
  const { table } = plan;
  const copy = copyStatement(qualified(table), identifiers(plan.columns), rows.format);
  const data = copyData(rows.format, slice(rows, from, to));
  const locate = (refusal: RowRefusal) => {
    const at = refusal === SUPPRESSED ? null : copyRow(refusal, table.name);
    return at === null || from + at >= to ? null : from + at;
  };
  if (!table.hasBeforeRowTriggers) {
    return undoableAtOnce(
      session,
      async (before, after) => {
        const written = await session.copyIn(`${first}; ${before}; ${copy}; ${after}`, data);
        if (written === to - from) return;
        throw new Error(`COPY wrote ${written} rows to ${table.name}, but ${to - from} were sent`);
      },
      asRefusal(table),
      locate,
    );
  }
  // Triggers may drop rows, which shows only after everything is sent.
  return undoable(
    session,
    async () => await session.copyIn(copy, data) === to - from ? null : SUPPRESSED,
    asRefusal(table),
    locate,
    first,
  );
}
