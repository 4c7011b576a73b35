import assert from "node:assert/strict";
import fc from "fast-check";
import { Ledger } from "../../src/ledger/ledger.ts";
import {
  BLOCK_ROWS,
  marksOf,
  replaceMarks,
  type RowMark,
} from "../../src/ledger/rows/row_marks.ts";
import { markTried } from "../run/retrying.ts";
import { migratedDatabase } from "../support/database.ts";

/** Which rows a mark is for. */
function rowsOf({ firstRow, bits }: RowMark): number[] {
  const block = Math.floor(firstRow / BLOCK_ROWS) * BLOCK_ROWS;
  return Array.from({ length: BLOCK_ROWS }, (_, place) => place)
    .filter((place) => (bits[place >> 3] & (128 >> place % 8)) !== 0)
    .map((place) => block + place);
}

Deno.test("marks are for the rows that they were made for, and no others", () => {
  const lists = fc.uniqueArray(fc.oneof(fc.nat(4000), fc.nat(2 ** 40)), { minLength: 1 });
  fc.assert(
    fc.property(lists, (rows) => {
      const marks = marksOf(rows, 7, true);
      assert.deepEqual(sorted(marks.flatMap(rowsOf)), sorted(rows));
      for (const mark of marks) {
        const own = rowsOf(mark);
        assert.deepEqual([mark.firstRow, mark.lastRow], [own[0], own.at(-1)]);
        assert.deepEqual([mark.by, mark.resolved], [7, true]);
      }
    }),
    { seed: 1 },
  );
  assert.equal(marksOf(Array.from({ length: 2048 }, (_, i) => i + 1024), 1, true).length, 2);
});

function sorted(rows: readonly number[]): number[] {
  return rows.toSorted((a, b) => a - b);
}

/** What a batch of a retry records: whether it has loaded its rows. */
const TRIES = fc.array(
  fc.record({
    by: fc.integer({ min: 2, max: 5 }),
    resolved: fc.boolean(),
    rows: fc.uniqueArray(fc.integer({ min: 1000, max: 1060 }), { minLength: 1, maxLength: 30 }),
  }),
  { maxLength: 8 },
);

/** One mark a row: takes the rows if none of them belongs to another retry. */
function takeSingly(
  known: Map<number, { readonly by: number; readonly resolved: boolean }>,
  { by, resolved, rows }: { by: number; resolved: boolean; rows: readonly number[] },
): number {
  const own = rows.filter((row) => {
    const mark = known.get(row);
    return mark === undefined || (!mark.resolved && mark.by <= by);
  });
  if (own.length === rows.length) { for (const row of rows) known.set(row, { by, resolved }); }
  return own.length;
}

Deno.test("marks of blocks say what a mark for each row would say, whoever tries which rows", () => {
  fc.assert(
    fc.property(TRIES, (tries) => {
      let marks: RowMark[] = [];
      const singly = new Map<number, { readonly by: number; readonly resolved: boolean }>();
      for (const each of tries) {
        const tried = marksOf(each.rows, each.by, each.resolved);
        const { taken, dropped, added } = replaceMarks(marks, tried, each.by);
        if (taken === 0) marks = [...marks.filter((mark) => !dropped.includes(mark)), ...added];
        assert.equal(each.rows.length - taken, takeSingly(singly, each));
        const all = marks.flatMap((mark) =>
          rowsOf(mark).map((row) => ({ row, by: mark.by, resolved: mark.resolved }))
        );
        assert.deepEqual(
          all.toSorted((a, b) => a.row - b.row),
          [...singly].map(([row, mark]) => ({ row, ...mark })).toSorted((a, b) => a.row - b.row),
        );
        assert.equal(new Set(marks.map((mark) => mark.firstRow)).size, marks.length);
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("the row log shows for each row which retry tried it last, and which has fixed it", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  await db.session.execute(
    `insert into ingest.runs (importer, definition, source) values ('i', '{}', '{}');
     insert into ingest.logged_rows (run_id, row_number, line, status, raw, data)
     select 1, n, n, 'failed', '', '{}' from generate_series(1000, 1060) n`,
  );
  const check = fc.asyncProperty(TRIES, async (tries) => {
    await db.session.execute("delete from ingest.retried_ranges");
    const singly = new Map<number, { readonly by: number; readonly resolved: boolean }>();
    for (const each of tries) {
      const own = await ledger.transaction(() =>
        markTried(ledger, 1, each.by, each.rows, each.resolved)
      );
      assert.equal(own, takeSingly(singly, each));
    }
    const shown = await db.session.query<{ row: number; by: number; fixed: number | null }>(
      `select row_number as row, claimed_by_run_id as by, resolved_by_run_id as fixed
       from ingest.rows where claimed_by_run_id is not null order by row_number`,
    );
    const expected = [...singly].toSorted(([a], [b]) => a - b)
      .map(([row, { by, resolved }]) => ({ row, by, fixed: resolved ? by : null }));
    assert.deepEqual(shown, expected);
  });
  await fc.assert(check, { seed: 1, numRuns: 60 });
});
