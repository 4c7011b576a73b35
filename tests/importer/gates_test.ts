/** Conditions that hold a run, for missing values and for rows that the file doesn't have. */
import assert from "node:assert/strict";
import { findTripped, type GateCounts, nearGate, readGate } from "../../src/importer/gates.ts";

for (
  const [text, expected] of [
    ["null email > 5%", { measure: { nullsIn: "email" }, than: ">", limit: 5, isPercent: true }],
    ['null "E Mail"<3', { measure: { nullsIn: "E Mail" }, than: "<", limit: 3, isPercent: false }],
    ['null "a""b" unusual', { measure: { nullsIn: 'a"b' }, than: "unusual" }],
    ["null  rows  unusual", { measure: { nullsIn: "rows" }, than: "unusual" }],
    ["null straße > 1", {
      measure: { nullsIn: "straße" },
      than: ">",
      limit: 1,
      isPercent: false,
    }],
    ["absent > 2.5%", { measure: "absent", than: ">", limit: 2.5, isPercent: true }],
    ["absent unusual", { measure: "absent", than: "unusual" }],
    ["null unusual", null],
    ["null > 5%", null],
    ["null email", null],
    ["null email > 101%", null],
    ["null E Mail > 5%", null],
    ["nulls email > 5%", null],
    ["updatedunusual", null],
    ["rows > 5%", null],
  ] as const
) {
  Deno.test(`${text} is ${expected === null ? "no condition" : "a condition"}`, () => {
    assert.deepEqual(readGate(text), expected);
  });
}

function counts(rows: number, nulls: GateCounts["nulls"]): GateCounts {
  return { rows, created: rows, updated: 0, skipped: 0, failed: 0, nulls };
}

function tripped(text: string, now: GateCounts, before: readonly GateCounts[] = []) {
  return findTripped([readGate(text)!], now, before);
}

Deno.test("a share of missing values is one of all rows", () => {
  assert.deepEqual(tripped("null email > 5%", counts(100, { email: 5 })), []);
  assert.deepEqual(tripped("null email > 5%", counts(100, { email: 6 })), [
    "null email > 5%: it is 6 of 100 rows.",
  ]);
  assert.deepEqual(tripped("null email > 5", counts(100, { email: 6 })), [
    "null email > 5: it is 6.",
  ]);
});

Deno.test("a share of absent rows is one of the table's rows in scope; nobody counts them if rows fail", () => {
  const absent = (absent: number, in_scope: number) => ({
    ...counts(10, null),
    absent: { absent, in_scope },
  });
  assert.deepEqual(tripped("absent > 5%", absent(5, 100)), []);
  assert.deepEqual(tripped("absent > 5%", absent(6, 100)), ["absent > 5%: it is 6 of 100 rows."]);
  assert.deepEqual(tripped("absent > 5", absent(6, 100)), ["absent > 5: it is 6."]);
  assert.deepEqual(tripped("absent < 1", absent(0, 0)), ["absent < 1: it is 0."]);
  assert.deepEqual(tripped("absent < 1", { ...counts(10, null), absent: null }), []);
  const before = [1, 2, 2].map((each) => absent(each, 100));
  assert.deepEqual(tripped("absent unusual", absent(4, 100), before), []);
  assert.deepEqual(tripped("absent unusual", absent(7, 100), before), [
    "absent unusual: it is 7.0%, and in the last 3 runs it was between 1.0% and 2.0%.",
  ]);
});

Deno.test("runs that haven't counted missing values are not compared", () => {
  const uncounted = [counts(10, null), counts(10, { other: 3 }), counts(10, undefined)];
  const counted = [1, 0, 2].map((email) => counts(10, { email }));
  const now = counts(10, { email: 6 });
  assert.deepEqual(tripped("null email unusual", now, [...uncounted, ...counted.slice(1)]), []);
  assert.deepEqual(tripped("null email unusual", now, [...uncounted, ...counted]), [
    "null email unusual: it is 60.0%, and in the last 3 runs it was between 0.0% and 20.0%.",
  ]);
});

Deno.test("a condition with a word that nobody knows is told what was probably meant", () => {
  assert.equal(nearGate("faild > 2%"), "failed > 2%");
  assert.equal(nearGate("updated unusal"), "updated unusual");
  assert.equal(nearGate("nul email > 5%"), "null email > 5%");
  assert.equal(nearGate("nonsense"), null);
  assert.equal(nearGate("failed > 200%"), null);
});
