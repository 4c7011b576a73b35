import assert from "node:assert/strict";
import fc from "fast-check";
import { firstRows, packRuns, RunPacker, unpackRuns } from "../../src/ledger/rows/row_runs.ts";
import { RowSet } from "../../src/ledger/rows/row_set.ts";

const row = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 2 ** 45 }));
const rows = fc.array(row, { maxLength: 200 });

Deno.test("packed runs are exactly the rows that were added, in any order", () => {
  fc.assert(
    fc.property(rows, fc.nat(20), (rows, limit) => {
      const packer = new RunPacker();
      for (const row of rows) packer.add(row);
      const packed = packer.end();
      const all = [...new Set(rows)].toSorted((a, b) => a - b);
      assert.deepEqual(firstRows(unpackRuns(packed), Infinity), all);
      assert.deepEqual(firstRows(unpackRuns(packed, limit), limit), all.slice(0, limit));
      assert.equal(packer.last, all.at(-1) ?? 0);
      assert.deepEqual(packRuns(unpackRuns(packed)), packed);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

Deno.test("a million rows that follow one another take a few bytes, every second row two each", () => {
  assert.equal(packRuns([1, 1_000_000]).length, 4);
  const packer = new RunPacker();
  for (let row = 1; row < 2000; row += 2) packer.add(row);
  assert.equal(packer.end().length, 2000);
});

Deno.test("a set of rows is the rows that were put in, less those that were taken out", () => {
  const run = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(3000));
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), rows, rows, (runs, some, others) => {
      const set = RowSet.of(some);
      const plain = new Set(some);
      for (const [first, length] of runs) {
        set.addRun(first, first + length);
        for (let row = first; row <= first + length; row++) plain.add(row);
      }
      for (const mark of RowSet.of(others).marks()) {
        assert.ok(set.countAmong(mark) <= others.length);
        set.remove(mark);
      }
      for (const row of others) plain.delete(row);
      const expected = [...plain].toSorted((a, b) => a - b);
      assert.deepEqual(set.list(), expected);
      assert.deepEqual(set.list(7), expected.slice(0, 7));
      assert.equal(set.size, expected.length);
      assert.equal(set.countBefore(2500), expected.filter((row) => row < 2500).length);
      const copy = new RowSet();
      for (const mark of set.marks()) copy.add(mark);
      assert.deepEqual(copy.list(), expected);
      const common = set.and(RowSet.of(some));
      assert.deepEqual(common.list(), expected.filter((row) => some.includes(row)));
    }),
    { seed: 1, numRuns: 300 },
  );
});
