/** Whose fault an error is that may be a row's or the table's, over a whole run. */
import assert from "node:assert/strict";
import { reopenRun } from "../../src/ledger/runs/run_states.ts";
import { count, workshop } from "./importing.ts";

/** A trigger that writes into a table that is named after the row. */
const TABLES = `create table t (k int primary key, log text); create table log_a (k int);
  create function f() returns trigger language plpgsql as $$ begin
    execute format('insert into log_%s values ($1)', new.log) using new.k; return new; end $$;
  create trigger note before insert on t for each row execute function f()`;
const ONE_BY_ONE = "table: t\noptions: { batch_rows: 1 }\n";

Deno.test("a row fails whose batch has no other row, if the run has written rows", async () => {
  for (const dryRun of [false, true]) {
    await using shop = await workshop(TABLES);
    const run = await shop.create(ONE_BY_ONE, "k,log\n1,a\n2,a\n3,b\n4,a\n", { dryRun });
    const ended = await shop.drive(run, 1);
    assert.equal(ended.status, "completed_with_errors");
    const [{ raw }] = await shop.session.query<{ raw: Uint8Array }>(
      "select raw from ingest.rows where status = 'failed'",
    );
    assert.equal(new TextDecoder().decode(raw).trim(), "3,b");
    assert.equal(await count(shop.session, "t"), dryRun ? 0 : 3);
  }
});

Deno.test("a run fails if its trigger fails for all rows, and continues once that is mended", async () => {
  await using shop = await workshop(TABLES.replace("create table log_a (k int);", ""));
  const run = await shop.create("table: t\n", "k,log\n1,a\n2,a\n3,a\n");
  const ended = await shop.drive(run);
  assert.equal(ended.status, "failed");
  assert.match(ended.error!.message, /log_a.*42P01/);
  assert.equal(await count(shop.session, "ingest.rows"), 0);

  await shop.session.query("create table log_a (k int)");
  assert.ok(await reopenRun(shop.ledger, run.id, null, null));
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "log_a"), 3);
});

Deno.test("a trigger that can't reach another server fails the run, and no row", async () => {
  await using shop = await workshop(
    `create extension dblink; create table t (k int primary key);
     create function f() returns trigger language plpgsql as $$ begin
       perform dblink_connect('host=/nowhere dbname=none'); return new; end $$;
     create trigger tell before insert on t for each row execute function f()`,
  );
  const ended = await shop.drive(await shop.create("table: t\n", "k\n1\n2\n"));
  assert.equal(ended.status, "failed");
  assert.match(ended.error!.message, /could not establish connection.*08001/);
  assert.equal(await count(shop.session, "ingest.rows"), 0);
});
