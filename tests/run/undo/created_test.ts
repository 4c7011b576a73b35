import assert from "node:assert/strict";
import { csvOf } from "./rows.ts";
import { workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
import { groups, imported, reasons, rowsOf, undo } from "./undoing.ts";

const TABLE = "create table t (id int primary key, v text); insert into t values (-1, 'before')";

Deno.test("an undo deletes the rows that its run created, and no others", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 30_000));
  await shop.session.query("insert into t values (-2, 'after')");
  assert.equal(await undo(shop, run), "completed: deleted 30000, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop), ["(-1,before)", "(-2,after)"]);
});

Deno.test("with rows that failed, and a table of several batches, it finds all of them", async () => {
  await using shop = await workshop(TABLE + "; create index on t (v)");
  const bad = csvOf(1, 5_000).replace("\n7,", "\nseven,").replace("\n4000,", "\n-1,");
  const run = await imported(
    shop,
    bad,
    "source: {type: upload}\nslug: t\ntable: t\nkey: [id]\non_duplicate: fail\noptions: {batch_rows: 700}\n",
  );
  assert.equal(run.status, "completed_with_errors");
  assert.equal(await undo(shop, run), "completed: deleted 4998, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop), ["(-1,before)"]);
});

Deno.test("rows that somebody has changed or deleted since are kept and counted", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 1_000));
  await shop.session.query("update t set v = 'mine' where id = 10; delete from t where id = 11");
  const receipt = "completed_with_errors: deleted 998, restored 0, kept 2";
  assert.equal(await undo(shop, run, { dryRun: true }), receipt);
  assert.equal((await rowsOf(shop)).length, 1_000);
  assert.equal(await undo(shop, run), receipt);
  assert.deepEqual(await rowsOf(shop), ["(-1,before)", "(10,mine)"]);
  assert.deepEqual(await groups(shop), [
    "1 x The row was changed or deleted since the run wrote it. (changed_since)",
    "1 x The row was changed since the run wrote it. (changed_since)",
  ]);
  assert.deepEqual(await reasons(shop), ["10 The row was changed since the run wrote it."]);
});

Deno.test("rows that were changed since are listed by the keys that the file has", async () => {
  await using shop = await workshop(TABLE + "; create table other (v text)");
  const definition =
    "source: {type: upload}\nslug: t\ntable: t\nkey: [id]\non_duplicate: update\n" +
    "options: {batch_rows: 300}\n";
  // The batch with -1 updates a row, so nobody knows which of its other rows were there before.
  const file = csvOf(1, 900).replace("\n7,7", "\nseven,7").replace("\n800,", "\n-1,");
  const run = await imported(shop, file, definition);
  await shop.session.query(
    `update t set v = 'mine' where id in (10, 500, 801); update t set id = 2000 where id = 501`,
  );
  const receipt = "completed_with_errors: deleted 894, restored 0, kept 5";
  assert.equal(await undo(shop, run, { dryRun: true }), receipt);
  assert.equal(await undo(shop, run), receipt);
  assert.deepEqual(await groups(shop), [
    "2 x The row was changed or deleted since the run wrote it. (changed_since)",
    "2 x The row was changed since the run wrote it. (changed_since)",
    "1 x The run updated this row, and its old values were not kept (options.undo: updates keeps them). " +
    "(not_kept)",
  ]);
  assert.deepEqual((await reasons(shop)).slice(1), [
    "10 The row was changed since the run wrote it.",
    "500 The row was changed since the run wrote it.",
  ]);
});

Deno.test("rows that a retry has created, and somebody has changed, are listed, too", async () => {
  await using shop = await workshop(`${TABLE}; alter table t add check (v <> '5')`);
  const run = await imported(shop, csvOf(1, 10));
  await shop.session.query("alter table t drop constraint t_v_check");
  await retry(shop, run.id);
  await shop.session.query("update t set v = 'mine' where id in (3, 5)");
  const receipt = "completed_with_errors: deleted 8, restored 0, kept 2";
  assert.equal(await undo(shop, run), receipt);
  assert.deepEqual((await reasons(shop)).sort(), [
    "3 The row was changed since the run wrote it.",
    "5 The row was changed since the run wrote it.",
  ]);
});

Deno.test("without a key, or without the file, rows that were changed are counted", async () => {
  await using shop = await workshop("create table t (id int, v text)");
  const run = await imported(shop, csvOf(1, 10));
  await shop.session.query("update t set v = 'mine' where id = 3");
  const receipt = "completed_with_errors: deleted 9, restored 0, kept 1";
  assert.equal(await undo(shop, run), receipt);
  const counted = ["1 x The row was changed or deleted since the run wrote it. (changed_since)"];
  assert.deepEqual(await groups(shop), counted);
  await shop.session.query("drop table t; create table t (id int primary key, v text)");
  const again = await imported(shop, csvOf(1, 10));
  await shop.session.query("update t set v = 'mine' where id = 3");
  await Deno.remove(again.source.path);
  assert.equal(await undo(shop, again), receipt);
  assert.deepEqual(await groups(shop), counted);
});

Deno.test("VACUUM FULL, CLUSTER, a new column and freezing don't hide rows from an undo", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 1_000));
  const { session } = shop;
  await session.query("vacuum full t");
  await session.query("cluster t using t_pkey");
  await session.query("vacuum freeze t");
  await session.query("alter table t add column w int default 7; alter table t rename to u");
  const made = await undo(shop, run);
  assert.equal(made, "completed: deleted 1000, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop, "u"), ["(-1,before,7)"]);
});

Deno.test("rows of all partitions are deleted, and none of a table that inherits", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, v text) partition by range (id);
     create table t1 partition of t for values from (-10) to (500);
     create table t2 partition of t for values from (500) to (600) partition by range (id);
     create table t21 partition of t2 for values from (500) to (600);
     create table t3 partition of t default; insert into t values (-1, 'before');
     create table p (id int, v text); create table child () inherits (p);`,
  );
  const run = await imported(shop, csvOf(1, 1_000));
  await shop.session.query("update t set id = 2000 where id = 1");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 999, restored 0, kept 1");
  assert.deepEqual(await rowsOf(shop), ["(-1,before)", "(2000,1)"]);

  const other = await imported(
    shop,
    csvOf(1, 10),
    "source: {type: upload}\nslug: p\ntable: p\n",
  );
  await shop.session.query("insert into child select * from p");
  assert.equal(await undo(shop, other), "completed: deleted 10, restored 0, kept 0");
  assert.equal((await rowsOf(shop, "p")).length, 10);
});

Deno.test("rows that were only updated are kept, and it says that their old values were not", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(
    shop,
    "id,v\n-1,now\n5,new\n",
    "source: {type: upload}\nslug: t\ntable: t\nkey: [id]\non_duplicate: update\n" +
      "options: {batch_rows: 1}\n",
  );
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 1, restored 0, kept 1");
  assert.deepEqual(await reasons(shop), [
    "-1 The run updated this row, and its old values were not kept (options.undo: updates keeps them).",
  ]);
  assert.deepEqual(await rowsOf(shop), ["(-1,now)"]);
});

Deno.test("the undo of a run takes its retries back as well", async () => {
  await using shop = await workshop(
    TABLE + "; alter table t add constraint odd check (id < 0 or id % 2 = 1) not valid",
  );
  const run = await imported(shop, csvOf(1, 10));
  await shop.session.query("alter table t drop constraint odd");
  const again = await retry(shop, run.id);
  assert.equal((await rowsOf(shop)).length, 11);
  await assert.rejects(undo(shop, again), {
    message: `Cannot undo run ${again.id}: it is a retry of run ${run.id}. ` +
      `\`ingest undo ${run.id}\` takes back both.`,
  });
  assert.equal(await undo(shop, run), "completed: deleted 10, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop), ["(-1,before)"]);
});

Deno.test("of rows that one statement has created and updated, the created ones go", async () => {
  for (const existing of [3, 97]) {
    await using shop = await workshop(
      `create table t (id int primary key, v text);
       insert into t select i, 'before' from generate_series(1, ${existing}) i`,
    );
    const run = await imported(
      shop,
      csvOf(1, 100),
      "source: {type: upload}\nslug: t\ntable: t\nkey: [id]\non_duplicate: update\n",
    );
    const receipt = `deleted ${100 - existing}, restored 0, kept ${existing}`;
    assert.equal(await undo(shop, run), `completed_with_errors: ${receipt}`);
    assert.equal((await rowsOf(shop)).length, existing);
  }
});
