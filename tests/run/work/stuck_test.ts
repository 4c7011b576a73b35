import assert from "node:assert/strict";
import { findStuck } from "../../../src/run/work/stuck.ts";

Deno.test("a COPY is stuck when its sender is silent for long, not when Postgres is slow", () => {
  const silent = { pid: 1, bytes: 100, waiting_for_client: true, began: 5 };
  const slow = { pid: 2, bytes: 100, waiting_for_client: false, began: 5 };
  const moving = (bytes: number) => ({ pid: 3, bytes, waiting_for_client: true, began: 5 });

  const first = findStuck([], [silent, slow, moving(1)], 1_000, 30_000);
  assert.deepEqual(first.stuck, []);
  const second = findStuck(first.looks, [silent, slow, moving(2)], 30_999, 30_000);
  assert.deepEqual(second.stuck, []);
  const third = findStuck(second.looks, [silent, slow, moving(3)], 31_000, 30_000);
  assert.deepEqual(third.stuck, [1]);
});

Deno.test("the next COPY of a connection is another one", () => {
  const at = (began: number) => [{ pid: 1, bytes: 0, waiting_for_client: true, began }];
  const first = findStuck([], at(1), 0, 30_000);
  assert.deepEqual(findStuck(first.looks, at(2), 40_000, 30_000).stuck, []);
  assert.deepEqual(findStuck(first.looks, at(1), 40_000, 30_000).stuck, [1]);
});

Deno.test("a COPY that advanced between two looks starts its wait again", () => {
  const at = (bytes: number) => [{ pid: 1, bytes, waiting_for_client: true, began: 5 }];
  const first = findStuck([], at(100), 0, 30_000);
  const second = findStuck(first.looks, at(200), 29_000, 30_000);
  assert.deepEqual(findStuck(second.looks, at(200), 31_000, 30_000).stuck, []);
  assert.deepEqual(findStuck(second.looks, at(200), 59_000, 30_000).stuck, [1]);
});
