import assert from "node:assert/strict";
import { median, quantile, ratioOfPairs } from "../../../scripts/bench/statistics.ts";

function assertNear(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-4, `${found}, expected ${expected}`);
}

Deno.test("the ratio of pairs is their geometric mean, with a 95 % interval by Student's t", () => {
  // The logs of the ratios are -0.2, -0.1, 0, 0.1, 0.2: mean 0, deviation 0.158114, t(4) 2.776.
  const ours = [-0.2, -0.1, 0, 0.1, 0.2].map(Math.exp);
  const found = ratioOfPairs(ours, [1, 1, 1, 1, 1])!;
  assertNear(found.ratio, 1);
  assertNear(Math.log(found.high), 0.196293);
  assertNear(Math.log(found.low), -0.196293);
});

Deno.test("twice as long and half as long average out", () => {
  assertNear(ratioOfPairs([2, 1, 6], [1, 2, 6])!.ratio, 1);
});

Deno.test("the interval of two pairs is wide, and that of many is no wider than t(30) makes it", () => {
  const two = ratioOfPairs([1, Math.E], [1, 1])!;
  assertNear(Math.log(two.high) - 0.5, 12.706 * 0.5);
  const many = Array.from({ length: 101 }, (_, index) => index % 2 === 0 ? 1 : Math.E);
  const { high, ratio } = ratioOfPairs(many, many.map(() => 1))!;
  assertNear(Math.log(high / ratio), 2.042 * 0.502469 / Math.sqrt(101));
});

Deno.test("one pair has no interval", () => {
  assert.equal(ratioOfPairs([2], [1]), null);
  assert.equal(ratioOfPairs([], []), null);
});

Deno.test("the median of an even number is between the middle two", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([9, 1, 3]), 3);
});

Deno.test("a quantile is one of the numbers", () => {
  const numbers = Array.from({ length: 20 }, (_, index) => 20 - index);
  assert.equal(quantile(numbers, 0.95), 19);
  assert.equal(quantile(numbers, 1), 20);
  assert.equal(quantile([7], 0.95), 7);
});
