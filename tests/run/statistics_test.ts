import assert from "node:assert/strict";
import { workshop } from "./importing.ts";

const TABLES = `create table t (id int primary key, v text) with (autovacuum_enabled = off);
  create table seen (nestloop text);
  create function look() returns trigger language plpgsql as $$ begin
    insert into seen values (current_setting('enable_nestloop')); return null; end $$;
  create trigger look after update on t for each statement execute function look()`;
const FILE = `id,v\n${Array.from({ length: 40 }, (_, i) => `${i % 20},v${i}\n`).join("")}`;

Deno.test("rows that repeat keys are not joined row by row when the statistics are empty", async () => {
  const fillAndEmpty = "insert into t select i from generate_series(100, 5000) i; delete from t;";
  for (
    const [filled, expected] of [[`${fillAndEmpty} analyze t`, "off"], ["analyze t", "on"]]
  ) {
    await using shop = await workshop(`${TABLES}; ${filled}`);
    const run = await shop.create(
      "table: t\nkey: id\non_duplicate: update\noptions: { batch_rows: 10 }\n",
      FILE,
    );
    assert.equal((await shop.drive(run)).status, "completed");
    const seen = await shop.session.query("select distinct nestloop from seen");
    assert.deepEqual(seen, [{ nestloop: expected }]);
  }
});
