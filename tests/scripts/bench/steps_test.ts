import assert from "node:assert/strict";
import { PLAIN_TRANSFORMS } from "../../../src/importer/definition.ts";
import { BEYOND_ASCII, DIRTY_KINDS } from "../../../scripts/bench/data/dirty.ts";
import { STEPS } from "../../../scripts/bench/importers/steps.ts";
import { stepImporter } from "../../../scripts/bench/programs/definitions.ts";
import { ALONE_WORKLOADS } from "../../../scripts/bench/workloads/alone.ts";

/** Of the steps, as they are written in definitions. */
function used(step: unknown): string {
  return typeof step === "string" ? step : Object.keys(step as object)[0];
}

Deno.test("each transform is measured alone", () => {
  const measured = new Set(
    STEPS.flatMap(({ rule }) => "transform" in rule ? (rule.transform as unknown[]).map(used) : []),
  );
  const withOptions = ["replace", "prefix", "suffix", "split", "default", "map", "concat"];
  assert.deepEqual([...measured].toSorted(), [...PLAIN_TRANSFORMS, ...withOptions].toSorted());
});

Deno.test("each step has a definition of its own", () => {
  assert.equal(new Set(STEPS.map(stepImporter)).size, STEPS.length);
});

Deno.test("a step is measured with the same definition without it, near in time", () => {
  const users = Map.groupBy(ALONE_WORKLOADS, ({ reference }) => reference);
  for (const [reference, workloads] of users) assert.ok(workloads.length <= 5, reference.name);
});

Deno.test("half of the letters are not ASCII, in words that are the same otherwise", () => {
  const lines = (kind: "labels" | "letters") => {
    const line = DIRTY_KINDS[kind].lines();
    return Array.from({ length: 100 }, (_, index) => line(index + 1)!.split(",")[3]);
  };
  const letters = lines("letters").map((text) => text.match(/\p{L}/gu)!);
  for (const all of letters) {
    const beyond = all.filter((letter) => letter > "\x7f").length;
    assert.ok(Math.abs(beyond - all.length / 2) <= 0.5);
  }
  assert.deepEqual(
    lines("letters").map((text) => text.length),
    lines("labels").map((text) => text.length),
  );
});

Deno.test("JavaScript agrees on which letters beyond ASCII are upper and lower case", () => {
  const { ascii, lower, upper } = BEYOND_ASCII;
  assert.equal(lower.toUpperCase(), upper);
  assert.equal(upper.toLowerCase(), lower);
  assert.equal(new TextEncoder().encode(lower).length, 2 * ascii.length);
});
