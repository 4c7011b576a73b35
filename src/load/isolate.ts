/**
 * Finds the rows that Postgres refuses, with as few statements as possible. Knows nothing of
 * Postgres: it is given a way to try a range of rows.
 */

/** What became of trying rows [from, to) in one statement. */
export type Attempt<Refusal> =
  | { readonly ok: true }
  /** `at`: the row, where the error names it; everything before it in the range was fine. */
  | { readonly ok: false; readonly at: number | null; readonly refusal: Refusal };

/**
 * Applies the rows [from, to) in order: as if one after the other, each after the ones before
 * it. `attempt` must leave nothing behind when it is refused. `refuse` is told each row that is
 * refused by itself.
 *
 * Costs: without refusals one attempt. With k refused rows of n whose errors name the row, each
 * row is sent about twice and there are O(k log n) attempts; where they don't (foreign keys),
 * halving finds them in O(k log n) attempts.
 */
export async function isolate<Refusal>(
  from: number,
  to: number,
  attempt: (from: number, to: number) => Promise<Attempt<Refusal>>,
  refuse: (row: number, refusal: Refusal) => Promise<void> | void,
): Promise<void> {
  // How many rows to try at once. Halved by a refusal, doubled by success, so that rows after
  // many bad ones are not sent again and again.
  let size = to - from;
  let next = from;
  while (next < to) {
    const end = Math.min(to, next + size);
    const result = await attempt(next, end);
    if (result.ok) {
      next = end;
      size = Math.min(size * 2, to - from);
    } else if (end - next === 1) {
      await refuse(next, result.refusal);
      next = end;
      size = Math.min(size * 2, to - from);
    } else if (result.at !== null) {
      const { at } = result;
      // The rows before it were accepted in the same statement, so they are again. Unless errors
      // that come later in a statement (of foreign keys, of triggers) were still to come, or
      // somebody else's row came between: halving goes on from there.
      let refusedBefore = false;
      if (at > next) {
        await isolate(next, at, attempt, (row, refusal) => {
          refusedBefore = true;
          return refuse(row, refusal);
        });
      }
      size = Math.max(1, Math.min(2 * (at - next + 1), to - from));
      next = at;
      // In the statement that named it, the row came after the same rows as now; but if one of
      // those is gone, it may have been just the one that it collided with.
      if (!refusedBefore) {
        await refuse(at, result.refusal);
        next = at + 1;
      }
    } else {
      size = Math.ceil((end - next) / 2);
    }
  }
}
