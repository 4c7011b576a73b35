import assert from "node:assert/strict";
import { inTurn } from "../../../scripts/bench/rounds.ts";
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

Deno.test("both sides of each workload start from the same state, and names are unique", () => {
  for (const { ours, reference } of WORKLOADS) assert.equal(ours.state, reference.state);
  const measurements = new Set(WORKLOADS.flatMap(({ ours, reference }) => [ours, reference]));
  assert.equal(new Set([...measurements].map(({ name }) => name)).size, measurements.size);
  assert.equal(new Set(WORKLOADS.map(({ name }) => name)).size, 13);
});
