import assert from "node:assert/strict";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
import { csvOf } from "./rows.ts";
import { imported, IMPORTER, makeUndo, reasons, rowsOf, undo } from "./undoing.ts";

const TABLE = `create table t (id int primary key, v text unique, at timestamptz default now(),
    n numeric(10, 3), b bytea, j json, a text[], twice int generated always as (id * 2) stored);
  insert into t (id, v, n, b, j, a)
    select i, 'old' || i, i / 7.0, '\\x00ff', '{"a":  1}', array['x', null, 'y,"z'] from generate_series(1, 100) i`;
const UPDATES = `${IMPORTER}key: [id]\non_duplicate: update\noptions: {undo: updates}\n`;

Deno.test("updated rows get all their old values back, and created ones go", async () => {
  await using shop = await workshop(TABLE);
  const before = await rowsOf(shop);
  const run = await imported(shop, csvOf(51, 150), UPDATES);
  assert.notDeepEqual(await rowsOf(shop), before);
  const receipt = "completed: deleted 50, restored 50, kept 0";
  assert.equal(await undo(shop, run, { dryRun: true }), receipt);
  assert.notDeepEqual(await rowsOf(shop), before);
  assert.equal(await undo(shop, run), receipt);
  assert.deepEqual(await rowsOf(shop), before);
});

Deno.test("a row that somebody has changed or deleted since keeps what it has, and says so", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 100), UPDATES);
  await shop.session.query("update t set v = 'mine' where id = 3; delete from t where id = 4");
  const receipt = "completed_with_errors: deleted 0, restored 98, kept 2";
  assert.equal(await undo(shop, run, { dryRun: true }), receipt);
  assert.equal(await undo(shop, run), receipt);
  assert.deepEqual(await reasons(shop), [
    "3 The row was changed since the run wrote it.",
    "4 The row was deleted since the run wrote it.",
  ]);
  const [kept] = await shop.session.query<{ v: string }>(
    "select data ->> 'v' as v from ingest.rows where run_id = (select max(id) from ingest.runs)",
  );
  assert.equal(kept.v, "old3");
  assert.deepEqual(await valuesOf(shop, "id in (2, 3)"), ["2=old2", "3=mine"]);
});

Deno.test("an old value that the table refuses now keeps its row, and not the others", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 100), UPDATES);
  await shop.session.query("insert into t (id, v) values (500, 'old7')");
  await shop.session.query("alter table t add constraint c check (v <> 'old8') not valid");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 0, restored 98, kept 2");
  const [seven, eight] = await reasons(shop);
  assert.match(seven, /^7 Postgres refuses to change the row of t: duplicate key value violates/u);
  assert.match(
    eight,
    /^8 Postgres refuses to change the row of t: .*violates check constraint "c"/u,
  );
});

Deno.test("after the undo of a later run, the rows belong to the earlier one again", async () => {
  await using shop = await workshop(TABLE);
  const before = await rowsOf(shop);
  const first = await imported(shop, csvOf(51, 150), UPDATES);
  const between = await rowsOf(shop);
  const later = await imported(
    shop,
    csvOf(91, 160).replaceAll(/,(\d+)/gu, ",later$1"),
    UPDATES,
  );
  // Without the later one's undo, its rows are kept.
  const [note] = (await makeDry(shop, first)).warnings.filter((text) => text.startsWith("Run "));
  assert.equal(
    note,
    `Run ${later.id} (60 of these rows) has written to t since. Rows of run ${first.id} that were ` +
      `updated since are kept. To take those back as well, first: ingest undo ${later.id}`,
  );
  assert.equal(await undo(shop, later), "completed: deleted 10, restored 60, kept 0");
  assert.deepEqual(await rowsOf(shop), between);
  assert.equal(await undo(shop, first), "completed: deleted 50, restored 50, kept 0");
  assert.deepEqual(await rowsOf(shop), before);
});

Deno.test("rows that a later run has updated are kept, and taken back by another undo", async () => {
  await using shop = await workshop(TABLE);
  const before = await rowsOf(shop);
  const first = await imported(shop, csvOf(51, 150), UPDATES);
  const later = await imported(shop, csvOf(91, 110).replaceAll(/,(\d+)/gu, ",x$1"), UPDATES);
  assert.equal(await undo(shop, first), "completed_with_errors: deleted 40, restored 40, kept 20");
  assert.equal(await undo(shop, later), "completed: deleted 0, restored 20, kept 0");
  assert.equal(await undo(shop, first), "completed: deleted 10, restored 10, kept 0");
  assert.deepEqual(await rowsOf(shop), before);
});

Deno.test("old values come back from the latest to the first, so that somebody's stay", async () => {
  await using shop = await workshop(TABLE);
  await shop.session.query("alter table t add constraint c check (v <> 'second') not valid");
  const run = await imported(shop, "id,v\n5,first\n5,second\n", UPDATES);
  assert.equal(run.status, "completed_with_errors");
  await shop.session.query("alter table t drop constraint c; update t set v = 'mine' where id = 5");
  await retry(shop, run.id);
  assert.deepEqual(await valuesOf(shop, "id = 5"), ["5=second"]);
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 0, restored 1, kept 1");
  assert.deepEqual(await valuesOf(shop, "id = 5"), ["5=mine"]);
});

Deno.test("rows whose old values a retry has not kept are listed beside those that it restores", async () => {
  await using shop = await workshop(TABLE);
  await shop.session.query("alter table t add constraint c check (v <> '7') not valid");
  const run = await imported(shop, csvOf(1, 100), UPDATES);
  await shop.session.query("alter table t drop constraint c");
  await retry(shop, run.id, { definition: UPDATES.replace("updates}", "inserts}") });
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 0, restored 99, kept 1");
  assert.deepEqual(await reasons(shop), [
    "7 The run updated this row, and its old values were not kept (options.undo: updates keeps them).",
  ]);
});

Deno.test("a created row that an updated one refers to goes with the second undo", async () => {
  await using shop = await workshop(
    "create table t (id int primary key, v int references t); insert into t values (1, null), (2, 1)",
  );
  const run = await imported(shop, "id,v\n10,1\n11,10\n2,11\n", UPDATES);
  assert.equal(run.status, "completed");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 0, restored 1, kept 2");
  assert.equal(await undo(shop, run), "completed: deleted 2, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop), ["(1,)", "(2,1)"]);
});

async function makeDry(shop: Workshop, run: Run): Promise<Run> {
  return await shop.drive(await makeUndo(shop, run, true));
}

async function valuesOf({ session }: Workshop, where: string): Promise<string[]> {
  const rows = await session.query<{ v: string }>(
    `select id || '=' || v as v from t where ${where} order by id`,
  );
  return rows.map(({ v }) => v);
}
