import assert from "node:assert/strict";
import { filterFor } from "../../src/keys/bloom.ts";

Deno.test("a filter grows with the source, up to the size that it has for large ones", () => {
  assert.deepEqual([0, 1, 2048].map(filterFor), [16, 16, 16]);
  assert.deepEqual([2049, 1_000_000, 8_388_608].map(filterFor), [17, 25, 28]);
  assert.deepEqual([8_388_609, 1e12, Infinity].map(filterFor), [28, 28, 28]);
});
