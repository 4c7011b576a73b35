import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { BloomFilter } from "../../src/batch/bloom.ts";

const hash = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

Deno.test("a key that was added is always known", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hash, hash), { maxLength: 200 }), (keys) => {
      const filter = new BloomFilter(9);
      for (const [first, second] of keys) filter.add(first, second);
      for (const [first, second] of keys) strictEqual(filter.add(first, second), true);
    }),
    { numRuns: 200, seed: 1 },
  );
});

Deno.test("the first key in an empty filter is new, whatever its hashes", () => {
  fc.assert(
    fc.property(hash, hash, (first, second) => {
      strictEqual(new BloomFilter(10).add(first, second), false);
    }),
    { numRuns: 500, seed: 2, examples: [[0, 0], [-1, -1], [0, -1], [2 ** 31 - 1, 1]] },
  );
});

/** How many of so many new keys seem known. */
function falseAlarms(filter: BloomFilter, keys: number): number {
  let [seed, alarms] = [1, 0];
  // mulberry32
  const random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) | 0;
  };
  for (let key = 0; key < keys; key++) if (filter.add(random(), random())) alarms++;
  return alarms;
}

Deno.test("false alarms are as rare as theory has it", () => {
  // 2^20 bits, 100,000 keys, 4 probes: the chance grows to (1 - e^(-0.38))^4, 1 %, and over all
  // keys is a quarter of that or so.
  const alarms = falseAlarms(new BloomFilter(20), 100_000);
  ok(alarms > 50 && alarms < 500, `${alarms} false alarms`);
});

Deno.test("a file of a million rows has next to no false alarms", () => {
  const alarms = falseAlarms(new BloomFilter(), 1_000_000);
  ok(alarms <= 5, `${alarms} false alarms`);
});
