import assert from "node:assert/strict";
import { judgeRatio, judgeValue } from "../../../scripts/bench/verdict.ts";

Deno.test("a ratio is judged by its bar, with a question mark if the interval contains the bar", () => {
  const judge = (low: number, ratio: number, high: number) =>
    judgeRatio({ low, ratio, high }, 7, 1);
  assert.equal(judge(0.8, 0.9, 0.99), "ok");
  assert.equal(judge(0.8, 0.95, 1.05), "ok?");
  assert.equal(judge(0.95, 1.05, 1.2), "short?");
  assert.equal(judge(1.01, 1.05, 1.1), "short");
  assert.equal(judge(1, 1, 1), "ok?");
});

Deno.test("fewer than seven pairs give no verdict", () => {
  const interval = { low: 0.4, ratio: 0.5, high: 0.6 };
  assert.equal(judgeRatio(interval, 6, 1), "not judged");
  assert.equal(judgeRatio(null, 7, 1), "not judged");
});

Deno.test("a value may be as high as its bar", () => {
  assert.equal(judgeValue(200, 200), "ok");
  assert.equal(judgeValue(200.1, 200), "short");
});
