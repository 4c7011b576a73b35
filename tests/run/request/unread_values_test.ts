import assert from "node:assert/strict";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { count, workshop } from "../importing.ts";
import { exported, retry, tryRetry } from "../retrying.ts";

const TABLE = "create table people (id int primary key, age int, city text)";
const before =
  "table: people\nkey: id\ncolumns:\n  id: { type: integer }\n  age: { type: integer }\n";
const now = (from: string) =>
  before.replace("age: { type: integer }", 'age: { type: integer, map: { x: "1" } }') +
  `  city: { from: ${from} }\n`;

/** The second row fails, and has values that nobody wanted; the last has a key that comes late. */
const FILE = [
  '{"id": 1, "age": 1}',
  '{"id": 2, "age": "x", "home": {"city": "Rome", "streets": ["A", "B"]}}',
  ...Array.from(
    { length: 3000 },
    (_, i) => `{"id": ${i + 10}, "age": 1, "filler": "${"-".repeat(400)}"}`,
  ),
  '{"id": 3, "age": "x", "late": "yes"}',
].join("\n");

for (const from of ["home.city", '"home.streets[1]"', "late", "[gone, late]"]) {
  Deno.test(`a retry doesn't leave a column empty that the run hasn't read: ${from}`, async () => {
    await using shop = await workshop(TABLE);
    const run = await shop.drive(await shop.create(before, FILE));
    assert.equal(run.status, "completed_with_errors");
    const refusal = (error: unknown) =>
      error instanceof Refused &&
      /it reads "\S+", which the run did not, and row \d+ has a value there\. Import the file again/u
        .test(error.message);
    await assert.rejects(tryRetry(shop, run.id, { definition: now(from) }), refusal);
    const file = (await exported(shop, run)).replaceAll(",x,", ",5,");
    await assert.rejects(tryRetry(shop, run.id, { definition: now(from), file }), refusal);
    assert.equal(await count(shop.session, "ingest.runs"), 1, "no retry is left");
    const other = await retry(shop, run.id, { definition: now("home.country") });
    assert.equal(other.status, "completed");
    assert.match(other.warnings.join(), /no column "home\.country"/u);
  });
}

Deno.test("a retry reads what the run has read, in other columns too", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(
    await shop.create(before + "  city: { from: home.city }\n", FILE),
  );
  const again = await retry(shop, run.id, { definition: now("[city, home.city]") });
  assert.equal(again.status, "completed");
  const rows = await shop.session.query(
    "select id, age, city from people where id < 4 order by id",
  );
  assert.deepEqual(rows, [
    { id: 1, age: 1, city: null },
    { id: 2, age: 1, city: "Rome" },
    { id: 3, age: 1, city: null },
  ]);
});
