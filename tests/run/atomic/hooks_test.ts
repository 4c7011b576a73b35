/** Hooks of batches that are atomic. */
import assert from "node:assert/strict";
import { hooking } from "../hooking.ts";

Deno.test("afterBatch is called for batches that stay, and a row that a hook refuses takes its batch with it", async () => {
  await using hooks = await hooking(
    "create table t (n int, word text); create table log (n int); create sequence calls",
  );
  await hooks.write(
    "table: t\noptions: {transaction: atomic, batch_rows: 2}\n",
    `export default () => ({
      beforeRow(row) { if (row.word === "c") throw new Error("no c"); },
      async afterBatch({ rows, sql }) {
        await sql\`select nextval('calls')\`;
        for (const row of rows) await sql\`insert into log values (\${row.n})\`;
      },
    })`,
  );
  const run = await hooks.run("n,word\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n");
  assert.equal(run.status, "completed_with_errors");
  const kept = [1, 2, 5, 6].map((n) => ({ n }));
  assert.deepEqual(await hooks.query("select n from t order by n"), kept);
  assert.deepEqual(await hooks.query("select n from log order by n"), kept);
  // A sequence keeps its place if what has moved it is rolled back.
  assert.deepEqual(await hooks.query("select last_value::int as n from calls"), [{ n: 2 }]);
  assert.deepEqual(await hooks.failures(run), [
    "3 hook - no c",
    "4 batch_rolled_back - Another row of the batch failed, so none of it was loaded.",
  ]);
});
