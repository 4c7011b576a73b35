/** Somebody changes the table in the middle of a run. Its undo takes back what is certain. */
import assert from "node:assert/strict";
import { changedInTheMiddle, GATED, gated } from "../gate.ts";
import { workshop } from "../importing.ts";
import { IMPORTER, reasons, rowsOf, undo } from "./undoing.ts";

const UPDATES =
  `${IMPORTER}key: [id]\non_duplicate: update\noptions: {batch_rows: 2, undo: updates}\n`;
const TABLE = `create table t (id int primary key, v text);
  insert into t values (1, 'old'), (3, 'old'), (5, 'old');`;
const NOT_KEPT =
  "The run updated this row, and its old values were not kept (options.undo: updates keeps them); " +
  // The tests hold a batch up with a trigger.
  "or a trigger or a function of the table wrote to it beside the run's batch, so nothing tells its " +
  "rows from the run's.";
const FILE = "id,v\n1,a\n2,a\n3,a\n4,a\n5,a\n6,a\n";

Deno.test("a table that was replaced in the middle of the run loses only what the run wrote to it", async () => {
  await using shop = await workshop(`${GATED}${TABLE}${gated("t")}`);
  const run = await changedInTheMiddle(
    shop,
    await shop.create(UPDATES, FILE),
    `begin; drop table t; ${TABLE} commit`,
  );
  assert.equal(run.status, "completed");
  const [{ tables, marked }] = await shop.session.query<{ tables: number; marked: number }>(
    `select (select count(*) from ingest.undo_tables) as tables,
       (select count(distinct relation) from ingest.undo_marks) as marked`,
  );
  assert.deepEqual([tables, marked], [2, 2]);
  const receipt = "completed_with_errors: deleted 2, restored 2, kept 2";
  assert.equal(await undo(shop, run, { dryRun: true }), receipt);
  assert.equal(await undo(shop, run), receipt);
  assert.deepEqual(await rowsOf(shop), ["(1,old)", "(3,old)", "(5,old)"]);
});

Deno.test("if other columns tell its rows apart from then on, what is updated later is kept", async () => {
  await using shop = await workshop(
    `${GATED}create table t (n int generated always as identity primary key, id int unique not null, v text);
     insert into t (id, v) values (5, 'five'), (3, 'three'), (1, 'one');${gated("t")}`,
  );
  const run = await changedInTheMiddle(
    shop,
    await shop.create(UPDATES, FILE),
    "alter table t drop constraint t_pkey",
  );
  assert.equal(run.status, "completed");
  const receipt = "completed_with_errors: deleted 3, restored 1, kept 2";
  assert.equal(await undo(shop, run, { dryRun: true }), receipt);
  assert.equal(await undo(shop, run), receipt);
  assert.deepEqual(await reasons(shop), [`3 ${NOT_KEPT}`, `5 ${NOT_KEPT}`]);
  assert.deepEqual(await rowsOf(shop), ["(1,5,a)", "(2,3,a)", "(3,1,one)"]);
});

Deno.test("a column that the table gets in the middle of the run has no old values", async () => {
  await using shop = await workshop(`${GATED}${TABLE}${gated("t")}`);
  const run = await changedInTheMiddle(
    shop,
    await shop.create(UPDATES, "id,v,w\n1,a,a\n2,a,a\n3,a,a\n4,a,a\n5,a,a\n6,a,a\n"),
    "alter table t add w text",
  );
  assert.equal(run.status, "completed");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 3, restored 1, kept 2");
  assert.deepEqual(await reasons(shop), [`3 ${NOT_KEPT}`, `5 ${NOT_KEPT}`]);
  assert.deepEqual(await rowsOf(shop), ["(1,old,)", "(3,a,a)", "(5,a,a)"]);
});
