import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { LevelAssigner } from "../../src/keys/levels.ts";

/** A row's value for each key; null if it has none. */
type Values = readonly (number | null)[];

function keys(values: Values): string[] {
  return values.flatMap((value, key) => value === null ? [] : [`${key} ${value}`]);
}

function levels(rows: readonly Values[]): { levels: number[]; flat: boolean } {
  const assigner = new LevelAssigner();
  return {
    levels: rows.map((row, n) => assigner.assign(n, keys(row), false)),
    flat: assigner.flat,
  };
}

const value = fc.option(fc.nat({ max: 6 }));
const file = fc.array(fc.tuple(value, value, value), { maxLength: 40 });

function shareAKey(a: Values, b: Values): boolean {
  return a.some((each, key) => each !== null && each === b[key]);
}

Deno.test("a row's level is above that of every earlier row that it shares a key with", () => {
  fc.assert(
    fc.property(file, (rows) => {
      const { levels: found } = levels(rows);
      for (let later = 0; later < rows.length; later++) {
        for (let earlier = 0; earlier < later; earlier++) {
          if (!shareAKey(rows[earlier], rows[later])) continue;
          strictEqual(found[later] > found[earlier], true, `rows ${earlier} and ${later}`);
        }
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

Deno.test("there are no more levels than the longest chain of rows needs", () => {
  fc.assert(
    fc.property(file, (rows) => {
      const { levels: found, flat } = levels(rows);
      found.forEach((level, later) => {
        const before = found.filter((other, earlier) =>
          earlier < later && other === level - 1 && shareAKey(rows[earlier], rows[later])
        );
        strictEqual(level === 0 || before.length > 0, true, `row ${later} is at ${level}`);
      });
      strictEqual(flat, found.every((level) => level === 0));
    }),
    { numRuns: 500, seed: 2 },
  );
});

Deno.test("the same value under different keys is not a shared key", () => {
  deepStrictEqual(levels([[1, null], [null, 1]]), { levels: [0, 0], flat: true });
});

Deno.test("a row that may equal any other is alone in its level", () => {
  const assigner = new LevelAssigner();
  const found = [[1], [2], [3]].map((row, n) => assigner.assign(n, keys(row), n > 0));
  deepStrictEqual(found, [0, 1, 2]);
  deepStrictEqual([...assigner.after], [[1, [0]], [2, [1]]]);
});

Deno.test("rows know the last earlier rows that they share keys with", () => {
  const assigner = new LevelAssigner();
  [[1, 1], [2, 2], [1, 2], [1, 3], [4, 4]].forEach((row, n) =>
    assigner.assign(n, keys(row), false)
  );
  deepStrictEqual([...assigner.after], [[2, [0, 1]], [3, [2]]]);
});
