import assert from "node:assert/strict";
import fc from "fast-check";
import { RowSet } from "../../src/ledger/rows/row_set.ts";

Deno.test("a set lists its rows from any place, as a sorted list does", () => {
  const rows = fc.uniqueArray(fc.integer({ min: 1, max: 6_000 }), { maxLength: 400 });
  const place = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(rows, place, place, (rows, from, limit) => {
      const sorted = rows.toSorted((a, b) => a - b);
      const set = RowSet.of(rows);
      assert.deepEqual(set.list(limit, from), sorted.slice(from, from + limit));
      assert.deepEqual(set.list(Infinity, from), sorted.slice(from));
      assert.equal(set.countBefore(from), sorted.filter((row) => row < from).length);
    }),
    { seed: 7, numRuns: 300 },
  );
});
