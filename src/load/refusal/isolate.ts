/**
 * Finds the rows that Postgres refuses, with as few statements as possible. It knows nothing about
 * Postgres; the caller passes a function that tries a range of rows.
 */

/** The result of trying the rows [from, to) in one statement. */
export type Attempt<Refusal> =
  | { readonly ok: true }
  | Refused<Refusal>;

export interface Refused<Refusal> {
  readonly ok: false;
  /** The row, if the error names it. The rows before it in the range were accepted. */
  readonly at: number | null;
  readonly refusal: Refusal;
  /** Whether the row is at fault is known only when it was tried alone. */
  readonly unsure?: boolean;
}

/**
 * Applies the rows [from, to) as if one by one, in order. `attempt` must leave nothing behind when
 * it is refused. `refuse` is called for each row that is refused on its own.
 *
 * Cost: one attempt if nothing is refused. If k of n rows are refused and the errors name the row,
 * each row is sent about twice, in O(k log n) attempts. If the errors don't name it (foreign keys),
 * halving finds the rows in O(k log n) attempts.
 */
export async function isolate<Refusal>(
  from: number,
  to: number,
  attempt: (from: number, to: number) => Promise<Attempt<Refusal>>,
  refuse: (row: number, refusal: Refusal) => Promise<void> | void,
): Promise<void> {
  // How many rows to try at once. A success doubles it. A refusal halves it, or shrinks it to about
  // twice the rows up to the one that the error names, so that rows after many bad ones are not sent
  // again and again.
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
      // The rows before it were accepted in the same statement, so they will be again. There are
      // two exceptions: errors that come only at the end of a statement (foreign keys, triggers),
      // and another transaction's row that arrived in between. The recursive call handles both.
      let refusedBefore = false;
      if (at > next) {
        await isolate(next, at, attempt, (row, refusal) => {
          refusedBefore = true;
          return refuse(row, refusal);
        });
      }
      size = Math.max(1, Math.min(2 * (at - next + 1), to - from));
      next = at;
      // The row was refused after the same rows as now, so it will be refused again. But if one of
      // those rows has been refused since, it may be the one that this row collided with: try
      // again.
      if (result.unsure) {
        size = 1;
      } else if (!refusedBefore) {
        await refuse(at, result.refusal);
        next = at + 1;
      }
    } else {
      size = Math.ceil((end - next) / 2);
    }
  }
}
