import assert from "node:assert/strict";
import { filterFor } from "../../src/keys/bloom.ts";

const KEYLESS = 0;

Deno.test("a filter grows with the source, up to the size that it has for large ones", () => {
  const sizes = (...bytes: readonly number[]) => bytes.map((each) => filterFor(each, KEYLESS));
  assert.deepEqual(sizes(0, 1, 32_768), [16, 16, 16]);
  assert.deepEqual(sizes(32_769, 1_000_000, 134_217_728), [17, 21, 28]);
  assert.deepEqual(sizes(134_217_729, 1e12, Infinity), [28, 28, 28]);
});

Deno.test("a filter has 128 bits or more for each key, as long as there are 2 million at most", () => {
  for (const keys of [1_000, 200_000, 2_000_000]) {
    for (const bytesOfKey of [2, 10, 50, 1_000]) {
      const bits = 2 ** filterFor(keys * bytesOfKey, 1 / bytesOfKey);
      assert.ok(bits >= 128 * keys, `${bits} bits for ${keys} keys of ${bytesOfKey} bytes`);
    }
  }
  assert.equal(filterFor(1e9, 1 / 50), 28);
});
