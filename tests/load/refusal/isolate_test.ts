import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Attempt, isolate } from "../../../src/load/refusal/isolate.ts";

/**
 * A table that refuses statements like Postgres: nothing of a refused statement stays. The error is
 * about one of its rows, not always the first, and doesn't always name it.
 */
class ModelTable {
  attempts = 0;
  sent = 0;
  readonly accepted: number[] = [];
  readonly #rows: readonly Row[];
  readonly #keys = new Set<number>();

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  attempt(from: number, to: number): Promise<Attempt<string>> {
    this.attempts++;
    this.sent += to - from;
    const keys = new Set(this.#keys);
    let late: Attempt<string> | null = null;
    for (let row = from; row < to; row++) {
      const { key, bad } = this.#rows[row];
      if (bad === "named") return refused(row, "bad");
      // A foreign key is checked after all rows of the statement.
      if (bad === "unnamed") late ??= { ok: false, at: null, refusal: "bad" };
      if (key !== null && keys.has(key)) return refused(row, "duplicate");
      if (key !== null) keys.add(key);
    }
    if (late !== null) return Promise.resolve(late);
    for (const key of keys) this.#keys.add(key);
    for (let row = from; row < to; row++) this.accepted.push(row);
    return Promise.resolve({ ok: true });
  }
}

interface Row {
  /** Two rows with the same key can't both be in the table. */
  readonly key: number | null;
  readonly bad: "named" | "unnamed" | null;
}

function refused(at: number, refusal: string): Promise<Attempt<string>> {
  return Promise.resolve({ ok: false, at, refusal });
}

function oneByOne(rows: readonly Row[]): Map<number, string> {
  const keys = new Set<number>();
  const refusals = new Map<number, string>();
  for (const [row, { key, bad }] of rows.entries()) {
    if (bad === "named") refusals.set(row, "bad");
    else if (key !== null && keys.has(key)) refusals.set(row, "duplicate");
    else if (bad === "unnamed") refusals.set(row, "bad");
    else if (key !== null) keys.add(key);
  }
  return refusals;
}

async function isolated(rows: readonly Row[]) {
  const table = new ModelTable(rows);
  const refusals = new Map<number, string>();
  await isolate(
    0,
    rows.length,
    (from, to) => table.attempt(from, to),
    (row, refusal) => {
      ok(!refusals.has(row), `row ${row} is refused twice`);
      refusals.set(row, refusal);
    },
  );
  return { table, refusals };
}

const badness = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom("named" as const, "unnamed" as const) },
);

Deno.test("isolate refuses exactly the rows that would be refused one by one", async () => {
  const row = fc.record({ key: fc.option(fc.nat({ max: 20 })), bad: badness });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
      const { table, refusals } = await isolated(rows);
      deepStrictEqual(
        [...refusals].sort(([a], [b]) => a - b),
        [...oneByOne(rows)],
      );
      deepStrictEqual(
        table.accepted,
        rows.flatMap((_, index) => refusals.has(index) ? [] : [index]),
        "the others are applied once each, in order",
      );
    }),
    { numRuns: 2000, seed: 1 },
  );
});

Deno.test("isolate needs one attempt when nothing is refused, none for no rows", async () => {
  const good = Array.from({ length: 1000 }, () => ({ key: null, bad: null }));
  strictEqual((await isolated(good)).table.attempts, 1);
  strictEqual((await isolated([])).table.attempts, 0);
});

Deno.test("k bad rows of n cost O(k log n) attempts, whether errors name rows or not", async () => {
  const spread = fc.tuple(
    fc.integer({ min: 1, max: 4000 }),
    fc.uniqueArray(fc.nat({ max: 3999 }), { maxLength: 40 }),
    fc.constantFrom("named" as const, "unnamed" as const, "mixed" as const),
  );
  await fc.assert(
    fc.asyncProperty(spread, async ([count, places, kind]) => {
      const bad = new Set(places.filter((place) => place < count));
      const rows = Array.from({ length: count }, (_, index): Row => {
        const how = kind !== "mixed" ? kind : index % 2 === 0 ? "named" : "unnamed";
        return { key: null, bad: bad.has(index) ? how : null };
      });
      const { table, refusals } = await isolated(rows);
      strictEqual(refusals.size, bad.size);
      const limit = 1 + bad.size * 3 * (Math.log2(count) + 2);
      ok(table.attempts <= limit, `${bad.size} of ${count}: ${table.attempts} attempts`);
      if (kind === "named") {
        ok(table.sent <= 4 * count + bad.size, `${count} rows: ${table.sent} were sent`);
      }
    }),
    { numRuns: 300, seed: 2 },
  );
});

Deno.test("isolate keeps halving when rows are refused that were fine a moment ago", async () => {
  // Another program inserts row 2's key between the first two statements.
  const taken = { at: 7 };
  const refusals: number[] = [];
  let attempts = 0;
  await isolate<string>(0, 10, (from, to) => {
    attempts++;
    const bad = attempts === 1 ? taken.at : 2;
    return bad >= from && bad < to
      ? refused(bad, "duplicate")
      : from <= 7 && 7 < to
      ? refused(7, "bad")
      : Promise.resolve({ ok: true });
  }, (row) => void refusals.push(row));
  deepStrictEqual(refusals, [2, 7]);
});

Deno.test("isolate throws what an attempt throws", async () => {
  let message = "";
  try {
    await isolate(0, 3, () => Promise.reject(new Error("connection lost")), () => {});
  } catch (error) {
    message = error instanceof Error ? error.message : "";
  }
  strictEqual(message, "connection lost");
});
