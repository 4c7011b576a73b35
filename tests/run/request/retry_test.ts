import assert from "node:assert/strict";
import { count, workshop } from "../importing.ts";
import { contents, logged, makeRetry, retry, tryRetry, unresolved } from "../retrying.ts";
import { failedRun, ITEMS, MEND, refused } from "./failing_rows.ts";

Deno.test("a retry takes the unresolved rows, with their row and line numbers", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute("alter table items drop constraint good");
  await shop.session.execute("alter table items add constraint good check (v <> 'bad4') not valid");
  const first = await retry(shop, run.id);
  assert.equal(first.total_rows, 4);
  assert.deepEqual(await logged(shop, first.id), [
    "2/4 created",
    "4/6 failed",
    "5/7 created",
    "7/9 created",
  ]);
  await shop.session.execute(MEND);
  const second = await retry(shop, run.id);
  assert.equal(second.total_rows, 1);
  assert.deepEqual(await logged(shop, second.id), ["4/6 created"]);
  assert.equal(await count(shop.session, "items"), 7);
});

Deno.test("the original run knows which retry loaded each row", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  assert.equal(await unresolved(shop, run.id), 4);
  await shop.session.execute("alter table items drop constraint good");
  await shop.session.execute("alter table items add constraint good check (v <> 'bad4') not valid");
  const first = await retry(shop, run.id);
  assert.equal(await unresolved(shop, run.id), 1);
  assert.equal(await unresolved(shop, first.id), 1);
  await shop.session.execute(MEND);
  const second = await retry(shop, first.id);
  assert.deepEqual(
    [second.parent_id, second.retried_from_run_id],
    [run.id, first.id],
  );
  assert.equal(await unresolved(shop, run.id), 0);
  assert.equal(await unresolved(shop, first.id), 0);
  const by = await shop.session.query(
    `select row_number as row, resolved_by_run_id as by from ingest.rows
     where run_id = $1 and status = 'failed' order by 1`,
    [run.id],
  );
  assert.deepEqual(by, [
    { row: 2, by: first.id },
    { row: 4, by: second.id },
    { row: 5, by: first.id },
    { row: 7, by: first.id },
  ]);
  const again = await tryRetry(shop, run.id);
  assert.ok(!again.made && /4 failed rows of run 1 are all fixed/.test(again.because));
});

Deno.test("a retry's rows and their outcomes are committed together or not at all", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.query(
    `${MEND};
     create function refuse() returns trigger language plpgsql as
       $$ begin raise exception 'not now' using errcode = 'P0001'; end $$;
     create trigger refuse before insert on ingest.retried_ranges
       for each row execute function refuse()`,
  );
  assert.equal((await retry(shop, run.id)).status, "failed");
  assert.equal(await count(shop.session, "items"), 3);
  assert.equal(await unresolved(shop, run.id), 4);
});

Deno.test("a retry takes the failed rows even if the server's clock was set back since", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  await shop.session.execute(
    "update ingest.logged_rows set created_at = created_at + interval '1 hour'",
  );
  await retry(shop, run.id);
  assert.equal(await unresolved(shop, run.id), 0);
});

Deno.test("a retried row counts as later than all that the original loaded", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const definition = "table: items\nkey: id\non_duplicate: update\noptions: { log_rows: all }\n";
  const run = await failedRun(shop, definition, "id,v\n1,a\n1,bad1\n1,c\n2,bad2\n2,bad3\n3,x\n");
  assert.deepEqual(await contents(shop), ["1=c", "3=x"]);
  await shop.session.execute(MEND);
  const second = await retry(shop, run.id);
  assert.deepEqual(await logged(shop, second.id), ["2/3 updated", "4/5 created", "5/6 updated"]);
  assert.deepEqual(await contents(shop), ["1=bad1", "2=bad3", "3=x"]);
});

Deno.test("of retried rows with the same key, the later wins, however many batches lie between", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const definition = "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 1 }\n";
  const rows = Array.from({ length: 12 }, (_, i) => `${i % 3},bad${i}`);
  const run = await failedRun(shop, definition, `id,v\n9,x\n${rows.join("\n")}\n`);
  await shop.session.execute(MEND);
  const second = await retry(shop, run.id);
  assert.equal(second.status, "completed");
  assert.deepEqual(await contents(shop), ["0=bad9", "1=bad10", "2=bad11", "9=x"]);
  // Not by chance: all but the first row of each key were deferred.
  assert.equal(await count(shop.session, `ingest.deferred where run_id = ${second.id}`), 9);
});

Deno.test("a retried row that repeats another's key names the first row with it", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const run = await failedRun(
    shop,
    "table: items\n",
    "id,v\n9,x\n1,bad1\n2,bad2\n1,bad3\n9,bad4\n",
  );
  await shop.session.execute(MEND);
  const second = await retry(shop, run.id);
  const failed = await shop.session.query(
    `select row_number as row, errors #>> '{details,0,code}' as code,
       (errors #>> '{details,0,first_row}')::int as first
     from ingest.rows where run_id = $1 order by 1`,
    [second.id],
  );
  assert.deepEqual(failed, [
    { row: 4, code: "duplicate_in_file", first: 2 },
    { row: 5, code: "duplicate", first: null },
  ]);
});

Deno.test("a retry of a retry, and then one of the original, each take the rows that are left", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const first = await retry(shop, run.id);
  assert.equal(first.status, "completed_with_errors");
  assert.equal(await unresolved(shop, first.id), 4);
  const allow = (value: string) =>
    shop.session.query(
      `${MEND}; alter table items add constraint good check (v <> all('${value}')) not valid`,
    );
  await allow("{bad4,bad7}");
  const second = await retry(shop, first.id);
  assert.deepEqual(await logged(shop, second.id), [
    "2/4 created",
    "4/6 failed",
    "5/7 created",
    "7/9 failed",
  ]);
  await allow("{bad7}");
  const third = await retry(shop, run.id);
  assert.deepEqual(await logged(shop, third.id), ["4/6 created", "7/9 failed"]);
  await allow("{}");
  const fourth = await retry(shop, second.id);
  assert.deepEqual(await logged(shop, fourth.id), ["7/9 created"]);
  for (const { id } of [run, first, second, third]) assert.equal(await unresolved(shop, id), 0);
  assert.deepEqual((await contents(shop)).map((row) => row[0]), [..."1234567"]);
});

Deno.test("a dry retry takes nothing, fixes nothing and reports the same as the real one", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.query(
    `${MEND}; alter table items add constraint good check (v <> 'bad4') not valid`,
  );
  const before = await contents(shop);
  const dry = await retry(shop, run.id, { dryRun: true });
  assert.equal(dry.dry_run, true);
  assert.deepEqual(await contents(shop), before);
  assert.equal(await unresolved(shop, run.id), 4);
  assert.equal(await count(shop.session, "ingest.rows where claimed_by_run_id is not null"), 0);
  const real = await retry(shop, dry.id);
  assert.deepEqual(await logged(shop, real.id), ["4/6 failed"]);
  const whole = await retry(shop, run.id);
  assert.deepEqual(await logged(shop, whole.id), await logged(shop, dry.id));
});

Deno.test("a dry retry finds what rows with the same key do to each other", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const definition = "table: items\nkey: id\non_duplicate: update\n" +
    "options: { batch_rows: 2, log_rows: all }\n";
  const rows = Array.from({ length: 9 }, (_, i) => `${i % 4},bad${i}`);
  const run = await failedRun(shop, definition, `id,v\n2,x\n${rows.join("\n")}\n`);
  await shop.session.execute(MEND);
  const dry = await retry(shop, run.id, { dryRun: true });
  assert.deepEqual(await contents(shop), ["2=x"]);
  const real = await retry(shop, run.id);
  assert.deepEqual(await logged(shop, dry.id), await logged(shop, real.id));
});

Deno.test("broken rows are retried with their original bytes", async () => {
  await using shop = await workshop("create table items (id int, v text)");
  const head = new TextEncoder().encode('id,v\n1,a\n2,b,c\n3,"open\n4,');
  const tail = new TextEncoder().encode("\n5,e\n6\n");
  const file = new Uint8Array([...head, 0xff, 0xfe, ...tail]);
  const run = await shop.drive(
    await shop.create("table: items\nsource: { encoding: utf-8 }\n", file),
  );
  const errors = (id: number) =>
    shop.session.query(
      `select row_number, line, raw, data, errors from ingest.rows
       where run_id = $1 order by row_number`,
      [id],
    );
  const second = await retry(shop, run.id);
  const first = await errors(run.id);
  assert.equal(first.length, 4);
  assert.deepEqual(await errors(second.id), first);
});

Deno.test("a retry with nothing to do says so, or says why the rows can't be found", async () => {
  await using shop = await workshop(ITEMS);
  const well = await shop.drive(await shop.create("table: items\n", "id,v\n1,a\n"));
  const nothing = await tryRetry(shop, well.id);
  assert.deepEqual(nothing, { made: false, because: "Run 1 has no failed rows to retry." });
  const silent = await failedRun(shop, "table: items\noptions: { log_rows: none }\n");
  await assert.rejects(
    tryRetry(shop, silent.id),
    refused(/^Cannot retry run 2: it logs no rows \(options\.log_rows: none\)/),
  );
  const pruned = await failedRun(shop);
  await shop.session.execute(`delete from ingest.rows where run_id = ${pruned.id}`);
  await assert.rejects(tryRetry(shop, pruned.id), refused(/no longer in the row log/));
  assert.equal(await count(shop.session, "ingest.runs"), 3);
});

Deno.test("no retry is created if the table has changed and the definition no longer fits", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "table: items\ncolumns: { id: id, v: v }\n");
  await shop.session.execute("alter table items drop column v");
  await assert.rejects(tryRetry(shop, run.id), /v/);
  await shop.session.execute("drop table items");
  await assert.rejects(tryRetry(shop, run.id), /There is no table items/);
  assert.equal(await count(shop.session, "ingest.runs"), 1);
});

Deno.test("a retry that finds its table changed fails, and what it took can be retried", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "table: items\ncolumns: { id: id, v: v }\n");
  const made = await makeRetry(shop, run.id);
  await shop.session.execute("alter table items rename column v to w");
  assert.equal((await shop.drive(made)).status, "failed");
  const renamed = "table: items\ncolumns: { id: id, w: v }\n";
  await shop.session.execute(MEND);
  assert.equal((await retry(shop, run.id, { definition: renamed })).status, "completed");
  assert.equal(await unresolved(shop, run.id), 0);
});

Deno.test("rows wait for their parents in a retry as well", async () => {
  await using shop = await workshop(
    `create table items (id int primary key, v text, parent int references items,
       constraint good check (v not like 'bad%'))`,
  );
  const definition = "table: items\nkey: id\noptions: { batch_rows: 2, log_rows: all }\n";
  const rows = Array.from({ length: 7 }, (_, i) => `${i + 1},bad,${i < 6 ? i + 2 : ""}`);
  const run = await failedRun(shop, definition, `id,v,parent\n9,x,\n${rows.join("\n")}\n`);
  await shop.session.execute(MEND);
  assert.equal((await retry(shop, run.id, { dryRun: true })).status, "completed");
  assert.equal((await retry(shop, run.id)).status, "completed");
  assert.equal(await count(shop.session, "items"), 8);
});
