import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { BloomFilter } from "../../src/keys/bloom.ts";
import type { Hashes } from "../../src/kernel/hashed_keys.ts";

const hash = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

/** One key for each pair of numbers. */
function hashes(keys: readonly (readonly [number, number])[]): Hashes {
  return { words: Int32Array.from(keys.flat()), present: new Uint8Array(keys.length).fill(1) };
}

Deno.test("a key that was added is always known, alone and among others", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hash, hash), { minLength: 1, maxLength: 200 }), (keys) => {
      const filter = new BloomFilter(10);
      filter.add(hashes(keys));
      strictEqual(filter.add(hashes(keys))?.includes(0), false);
      for (const key of keys) strictEqual(filter.hasAny(hashes([key])), true);
    }),
    { numRuns: 200, seed: 1 },
  );
});

Deno.test("a key that a row doesn't have is neither added nor known", () => {
  const filter = new BloomFilter(10);
  const absent = { words: Int32Array.of(1, 2, 1, 2), present: Uint8Array.of(0, 0) };
  strictEqual(filter.add(absent), null);
  strictEqual(filter.add(absent), null);
  strictEqual(filter.hasAny(hashes([[1, 2]])), false);
  deepStrictEqual([...filter.add(hashes([[1, 2], [1, 2]])) ?? []], [0, 1]);
  strictEqual(filter.hasAny(absent), false);
});

Deno.test("the first key in an empty filter is new, whatever its hashes", () => {
  fc.assert(
    fc.property(hash, hash, (first, second) => {
      const filter = new BloomFilter(10);
      strictEqual(filter.hasAny(hashes([[first, second]])), false);
      strictEqual(filter.add(hashes([[first, second]])), null);
    }),
    { numRuns: 500, seed: 2, examples: [[0, 0], [-1, -1], [0, -1], [2 ** 31 - 1, 1]] },
  );
});

/** How many new keys seem known. */
function falseAlarms(filter: BloomFilter, keys: number): number {
  let [seed, alarms] = [1, 0];
  // mulberry32
  const random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) | 0;
  };
  for (let left = keys; left > 0; left -= 5000) {
    const some = Array.from({ length: 5000 }, () => [random(), random()] as const);
    for (const seen of filter.add(hashes(some)) ?? []) alarms += seen;
  }
  return alarms;
}

Deno.test("false alarms are as rare as the theory says", () => {
  // 2^20 bits, 100,000 keys: (1 - (31/32)^l)^8 with l from a Poisson distribution, whose mean grows
  // to 100,000 keys in 4,096 blocks, sums up to 176.
  const alarms = falseAlarms(new BloomFilter(20), 100_000);
  ok(alarms > 120 && alarms < 240, `${alarms} false alarms`);
});

Deno.test("a file of a million rows has almost no false alarms", () => {
  const alarms = falseAlarms(new BloomFilter(), 1_000_000);
  ok(alarms <= 5, `${alarms} false alarms`);
});
