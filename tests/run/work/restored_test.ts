/** What a process remembers of a run, when the database is restored under it. */
import assert from "node:assert/strict";
import { until } from "../../support/until.ts";
import { count, workshop } from "../importing.ts";
import { working } from "../working.ts";

Deno.test("after a restore, the run that gets an old number goes to its own table", async () => {
  await using shop = await workshop("create table a (id int); create table b (id int, n int)");
  const { session } = shop;
  const completed = "exists (select from ingest.runs where id = 1 and status = 'completed')";
  await working(shop, async () => {
    const first = await shop.create("table: a\n", "id\n1\n2\n");
    await until(session, completed);
    // The connections of the workers stay.
    await session.query("truncate ingest.runs, ingest.batches restart identity cascade");
    const second = await shop.create("table: b\n", "id,n\n1,1\n2,2\n3,3\n");
    assert.deepEqual([first.id, second.id], [1, 1]);
    await until(session, completed);
  });
  assert.deepEqual([await count(session, "a"), await count(session, "b")], [2, 3]);
});
