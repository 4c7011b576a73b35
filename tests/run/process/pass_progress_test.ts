import assert from "node:assert/strict";
import type { ErrorGroup } from "../../../src/ledger/batches/batch_errors.ts";
import { PassProgress } from "../../../src/run/process/pass_progress.ts";

const NONE = {
  ...{ created: 0, updated: 0, skipped: 0, taken: 0, failed: 0, unlogged: 0, deferred: 0 },
};

function group(id: string, count: number, about: Partial<ErrorGroup> = {}): ErrorGroup {
  return {
    ...{ id, count, kind: "row", message: id, code: "check", column: null, lastRow: 1 },
    ...{ sampleRows: [1], rows: new Uint8Array() },
    ...about,
  };
}

Deno.test("the speed is that of the last seconds, and falls while nothing is done", () => {
  let now = 0;
  const progress = new PassProgress(() => now);
  assert.equal(progress.report().rows_per_second, null);
  for (now = 1_000; now <= 10_000; now += 1_000) {
    progress.add({ ...NONE, created: now <= 5_000 ? 100 : 1_000 });
  }
  now = 10_000;
  assert.equal(progress.report().rows_per_second, 1_000);
  now = 15_000;
  assert.equal(progress.report().rows_per_second, 500);
});

Deno.test("a batch may take longer than the time that the speed is of", () => {
  let now = 0;
  const progress = new PassProgress(() => now);
  now = 20_000;
  progress.add({ ...NONE, created: 100, updated: 50, skipped: 40, failed: 10 });
  now = 22_000;
  progress.add({ ...NONE, created: 240 });
  assert.equal(progress.report().rows_per_second, 20);
  assert.equal(progress.rows, 440);
});

Deno.test("reasons are summed over all batches, and the most frequent ones are told", () => {
  const progress = new PassProgress();
  const headline = group("headline", 9, { code: "validation" });
  progress.addFailures([
    group("a", 1),
    group("b", 2, { message: "b, 7", code: "database" }),
    headline,
  ]);
  progress.addFailures(["c", "d", "e", "f"].map((id) => group(id, 3)));
  progress.addFailures([group("b", 4, { message: "b, 8", code: "database" })]);
  const { failures } = progress.report();
  assert.deepEqual(failures.map(({ rows }) => rows), [6, 3, 3, 3, 3]);
  assert.equal(failures[0].message, "b, …");
});
