/** The outcome of the rows that a retry has tried, stored next to the log of its chain's root. */
import { bitsOf } from "../rows/chosen_rows.ts";
import type { Ledger } from "../ledger.ts";
import type { Retry } from "../runs/retries.ts";
import { BLOCK_ROWS, blockOf, marksOf, replaceMarks, type RowMark } from "../rows/row_marks.ts";

/** Rows that a retry has tried: those that are now in the table, and those that failed again. */
export interface TriedRows {
  readonly resolved: readonly number[];
  readonly failed: readonly number[];
}

/**
 * Records them for the root, in the batch's own transaction. Returns how many of them were
 * unresolved and not tried by a later retry. If these are not all, the caller must not commit.
 */
export async function recordTried(
  ledger: Ledger,
  retry: Retry,
  { failed, resolved }: TriedRows,
): Promise<number> {
  const tried = [...marksOf(failed, retry.id, false), ...marksOf(resolved, retry.id, true)];
  const known = await holdMarks(ledger, retry.root, tried);
  if (known === null) return 0;
  const count = failed.length + resolved.length;
  const { taken, dropped, added } = replaceMarks(known, tried, retry.id);
  if (taken > 0) return count - taken;
  if (dropped.length > 0) {
    await ledger.execute(
      `delete from ${ledger.schema}.retried_ranges where run_id = $1 and first_row = any($2::bigint[])`,
      [retry.root, dropped.map((mark) => mark.firstRow)],
    );
  }
  await ledger.execute(
    `insert into ${ledger.schema}.retried_ranges
       (run_id, first_row, last_row, by_run_id, resolved, rows)
     select $1, first_row, last_row, by_run_id, resolved, ('x' || rows)::bit(${BLOCK_ROWS})
     from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::text[])
       as mark (first_row, last_row, by_run_id, resolved, rows)`,
    [
      retry.root,
      added.map((mark) => mark.firstRow),
      added.map((mark) => mark.lastRow),
      added.map((mark) => mark.by),
      added.map((mark) => mark.resolved),
      added.map((mark) => mark.bits.toHex()),
    ],
  );
  return count;
}

/**
 * The marks between the first and the last of these; null if the run is gone. Until the open
 * transaction ends, nobody else changes marks of the run: nothing in the table itself keeps two
 * retries from marking the same row. A batch calls this at its end, so that others wait little.
 */
async function holdMarks(
  ledger: Ledger,
  root: number,
  tried: readonly RowMark[],
): Promise<RowMark[] | null> {
  const first = Math.min(...tried.map((mark) => mark.firstRow));
  const last = Math.max(...tried.map((mark) => mark.lastRow));
  // A transaction that deletes the root waits for the first lock, and then finds the new marks.
  const found = await ledger.query<StoredMark>(
    `select from ${ledger.schema}.runs where id = ${BigInt(root)} for key share;
     select pg_advisory_xact_lock(${ledger.lockKey("tried", String(root))});
     select m.first_row, m.last_row, m.by_run_id, m.resolved, m.rows
     from ${ledger.schema}.runs r
     left join ${ledger.schema}.retried_ranges m
       on m.run_id = r.id and m.first_row between ${blockOf(first)} and ${last}
     where r.id = ${BigInt(root)}`,
  );
  if (found.length === 0) return null;
  return found.filter((mark): mark is Stored => mark.first_row !== null).map(asMark);
}

interface Stored {
  readonly first_row: number;
  readonly last_row: number;
  readonly by_run_id: number;
  readonly resolved: boolean;
  /** As Postgres shows bits: a 0 or 1 for each. */
  readonly rows: string;
}

type StoredMark = Stored | Readonly<Record<keyof Stored, null>>;

function asMark({ first_row, last_row, by_run_id, resolved, rows }: Stored): RowMark {
  return { firstRow: first_row, lastRow: last_row, by: by_run_id, resolved, bits: bitsOf(rows) };
}
