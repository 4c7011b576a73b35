import assert from "node:assert/strict";
import { inTurn, rowsOf } from "../../../scripts/bench/rounds.ts";
import { FRESH_WORKLOADS } from "../../../scripts/bench/workloads/fresh.ts";
import { WORKLOADS } from "../../../scripts/bench/workloads/all.ts";

Deno.test("a measurement that workloads share is made once a round, next to those that use it", () => {
  const turns = inTurn(FRESH_WORKLOADS, () => true).map((turn) => turn.map(({ name }) => name));
  assert.deepEqual(turns, [["fresh insert", "\\copy", "fresh upsert", "pgloader"]]);
  const without = inTurn(FRESH_WORKLOADS, ({ needs }) => needs === null);
  assert.deepEqual(without.map((turn) => turn.map(({ name }) => name)), [[
    "fresh insert",
    "fresh upsert",
  ]]);
});

Deno.test("both sides of each workload are alike in state and rows, and names are unique", () => {
  for (const { ours, reference } of WORKLOADS) {
    assert.equal(ours.state, reference.state);
    for (const rows of [1000, 1_000_000]) {
      assert.equal(rowsOf(ours, rows), rowsOf(reference, rows), ours.name);
    }
  }
  const measurements = new Set(WORKLOADS.flatMap(({ ours, reference }) => [ours, reference]));
  assert.equal(new Set([...measurements].map(({ name }) => name)).size, measurements.size);
  assert.equal(new Set(WORKLOADS.map(({ name }) => name)).size, WORKLOADS.length);
});
