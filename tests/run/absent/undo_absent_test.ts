/** An undo gives back what a run has deleted or marked because its file doesn't have it. */
import assert from "node:assert/strict";
import type { Workshop } from "../importing.ts";
import { workshop } from "../importing.ts";
import { reasons, rowsOf, undo } from "../undo/undoing.ts";

const TABLE = `create domain word as text check (value <> '');
  create table t (id int primary key, v text unique, c char(5), w word, at timestamptz default now(),
    n numeric(10, 3), b bytea, j json, a text[], twice int generated always as (id * 2) stored,
    number int generated always as identity, gone date);
  insert into t (id, v, c, w, n, b, j, a)
    select i, 'old' || i, 'x', 'w', i / 7.0, '\\x00ff', '{"a":  1}', array['x', null, 'y,"z'] from generate_series(1, 100) i`;

function defined(onAbsent: string, options = ""): string {
  return `table: t\nkey: id\non_duplicate: update\non_absent: ${onAbsent}\n` +
    `columns: {id: id, v: v}\noptions: {transaction: run, max_absent: 100%, ${options}}\n`;
}

function file(from: number, to: number): string {
  return "id,v\n" +
    Array.from({ length: to - from + 1 }, (_, i) => `${from + i},v${from + i}\n`).join("");
}

async function load(shop: Workshop, definition: string, text: string) {
  const run = await shop.drive(await shop.create(definition, text));
  assert.equal(run.status, "completed", JSON.stringify(run.error));
  return run;
}

Deno.test("deleted rows are exactly as they were, and rows of the file are gone", async () => {
  await using shop = await workshop(TABLE);
  const before = await rowsOf(shop);
  const run = await load(shop, defined("delete", "undo: updates"), file(41, 150));
  assert.deepEqual(run.absent, { in_scope: 100, absent: 40, deleted: 40 });
  const receipt = "completed: deleted 50, restored 100, kept 0";
  assert.equal(await undo(shop, run, { dryRun: true }), receipt);
  assert.equal(await undo(shop, run), receipt);
  assert.deepEqual(await rowsOf(shop), before);
  assert.deepEqual(await shop.session.query("select from ingest.deleted_rows"), []);
});

Deno.test("marked rows have their old values again, even if updates keep none", async () => {
  await using shop = await workshop(TABLE);
  await shop.session.query("update t set v = 'v' || id");
  const before = await rowsOf(shop);
  const run = await load(shop, defined("{mark: {column: gone, value: now}}"), file(41, 150));
  assert.deepEqual(run.absent, { in_scope: 100, absent: 40, marked: 40 });
  assert.equal(await undo(shop, run), "completed: deleted 50, restored 40, kept 0");
  assert.deepEqual(await rowsOf(shop), before);
});

Deno.test("a run that has only deleted rows is undone, and the rows are those of an earlier run again", async () => {
  await using shop = await workshop(TABLE.replace(/insert into t[^]*/u, ""));
  const first = await load(shop, defined("delete"), file(1, 20));
  const rows = await rowsOf(shop);
  const second = await load(shop, defined("delete"), file(6, 20));
  assert.deepEqual(second.absent, { in_scope: 20, absent: 5, deleted: 5 });
  assert.equal(await undo(shop, second), "completed: deleted 0, restored 5, kept 0");
  assert.deepEqual(await rowsOf(shop), rows);
  assert.equal(await undo(shop, first), "completed: deleted 20, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop), []);
});

Deno.test("a deleted row whose key somebody has used since is not put back, and says so", async () => {
  await using shop = await workshop(TABLE);
  const run = await load(shop, defined("delete"), file(4, 100).replaceAll(",v", ",old"));
  await shop.session.query("insert into t (id, v) values (2, 'mine')");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 0, restored 2, kept 1");
  const [why] = await reasons(shop);
  assert.match(why, /Postgres refuses to change the row of t: duplicate key value/u);
  assert.deepEqual(await shop.session.query("select v from t where id = 2"), [{ v: "mine" }]);
});

Deno.test("rows that nothing tells apart are marked, too, but their old values aren't known", async () => {
  await using shop = await workshop(
    `create table t (id int, v text, gone date);
     insert into t select i, 'old' || i from generate_series(1, 10) i`,
  );
  const run = await load(shop, defined("{mark: {column: gone, value: now}}"), file(4, 12));
  assert.deepEqual(run.absent, { in_scope: 10, absent: 3, marked: 3 });
  const marked = "select id from t where gone is not null order by id";
  assert.deepEqual(await shop.session.query(marked), [{ id: 1 }, { id: 2 }, { id: 3 }]);
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 2, restored 0, kept 10");
  const why = await reasons(shop);
  assert.ok(why.length > 0 && why.every((text) => text.includes("old value")), why.join());
});
