/** A window on many failed rows: a page of them from any place, in either direction. */
import type { Ledger } from "../ledger/ledger.ts";
import type { RowSet } from "../ledger/rows/row_set.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { RowReport } from "./row_schema.ts";
import { rowReports } from "./row_reports.ts";

/** Where a window is. Rows are counted from 0. */
export type WindowPlace =
  | { readonly from: number }
  | { readonly after: number }
  /** Its last row is the one before this row number. */
  | { readonly before: number };

export interface RowWindow {
  readonly rows: readonly RowReport[];
  readonly total: number;
  /** How many rows come before the first one. */
  readonly offset: number;
  /** Row numbers to continue from; null at the end, or at the beginning. */
  readonly next: number | null;
  readonly previous: number | null;
}

/** `all`: the rows that the window moves over. At most `limit`, and fewer if they are very long. */
export async function rowWindow(
  ledger: Ledger,
  run: Run,
  all: RowSet,
  place: WindowPlace,
  limit: number,
): Promise<RowWindow> {
  const total = all.size;
  const end = "before" in place ? all.countBefore(place.before) : null;
  let offset = end !== null
    ? Math.max(0, end - limit)
    : "from" in place
    ? Math.min(place.from, total)
    : "after" in place
    ? all.countBefore(place.after + 1)
    : 0;
  let numbers = all.list(end === null ? limit : end - offset, offset);
  for (;;) {
    const { rows, more } = await reportsOf(ledger, run, numbers);
    if (more && end !== null) {
      // They are too long for a page. Backwards, the last ones are wanted.
      numbers = numbers.slice(-Math.max(1, rows.length));
      offset = end - numbers.length;
      continue;
    }
    // Rows that were fixed long ago may be gone from the log, so the page may lack some.
    const last = more ? rows[rows.length - 1].row_number : numbers.at(-1) ?? null;
    const hasMore = last !== null && all.countBefore(last + 1) < total;
    return {
      ...{ rows, total, offset },
      next: hasMore ? last : null,
      previous: offset > 0 ? numbers[0] ?? all.list(1, total - 1)[0] + 1 : null,
    };
  }
}

async function reportsOf(ledger: Ledger, run: Run, numbers: readonly number[]) {
  if (numbers.length === 0) return { rows: [], more: false };
  return await rowReports(ledger, run, {
    ...{ status: "failed", limit: numbers.length, only: numbers },
    after: numbers[0] - 1,
  });
}
