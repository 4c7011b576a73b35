/** Rows of the table that the file doesn't have: kept, deleted or marked (`on_absent`). */
import assert from "node:assert/strict";
import { count, workshop } from "../importing.ts";

const TABLE = `create table t (id int primary key, n int, gone boolean not null default false,
    region text not null default 'eu');
  insert into t (id, n) select i, i from generate_series(1, 100) i;`;

function defined(more: string, options = ""): string {
  return `table: t\nkey: id\non_duplicate: update\n${more}\n` +
    `columns: {id: id, n: n}\noptions: {transaction: run, batch_rows: 30, ${options}}\n`;
}

/** The rows [from, to], whose `n` is theirs unless `changed`. */
function file(from: number, to: number, changed = (_id: number) => 0): string {
  const rows = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return `id,n\n${rows.map((id) => `${id},${id + changed(id)}\n`).join("")}`;
}

Deno.test("rows that the file doesn't have are deleted with the same transaction, and counted", async () => {
  await using shop = await workshop(TABLE);
  const text = file(4, 110, (id) => id % 10 === 0 ? 1000 : 0);
  const dry = await shop.drive(
    await shop.create(defined("on_absent: delete"), text, { dryRun: true }),
  );
  assert.equal(dry.status, "completed");
  assert.deepEqual(dry.absent, { in_scope: 100, absent: 3, deleted: 3 });
  assert.equal(await count(shop.session, "t"), 100);

  const ended = await shop.drive(await shop.create(defined("on_absent: delete"), text));
  assert.equal(ended.status, "completed");
  assert.deepEqual(ended.absent, { in_scope: 100, absent: 3, deleted: 3 });
  const { absent, deleted, created, updated, skipped } = ended.summary!;
  assert.deepEqual(
    { absent, deleted, created, updated, skipped },
    { absent: 3, deleted: 3, created: 10, updated: 10, skipped: 87 },
  );
  const [row] = await shop.session.query("select min(id), max(id), count(*) from t");
  assert.deepEqual(row, { min: 4, max: 110, count: 107 });
});

Deno.test("rows that the file doesn't have are marked once, and the column says when they are back", async () => {
  await using shop = await workshop(TABLE);
  const definition = `table: t\nkey: id\non_duplicate: update\n` +
    `on_absent: {mark: {column: gone, value: true}}\n` +
    `columns: {id: id, n: n, gone: {value: false}}\noptions: {transaction: run}\n`;
  const first = await shop.drive(await shop.create(definition, file(4, 100)));
  assert.deepEqual(first.absent, { in_scope: 100, absent: 3, marked: 3 });
  const second = await shop.drive(await shop.create(definition, file(3, 99)));
  assert.equal(second.summary!.updated, 1);
  assert.deepEqual(second.absent, { in_scope: 97, absent: 1, marked: 1 });
  const gone = await shop.session.query("select id from t where gone order by id");
  assert.deepEqual(gone, [{ id: 1 }, { id: 2 }, { id: 100 }]);
});

Deno.test("rows out of scope, and rows without a whole key, are left alone", async () => {
  await using shop = await workshop(
    `create table t (id int unique, n int, region text, kind int);
     insert into t select i, i, case when i <= 50 then 'eu' else 'us' end, i % 3
       from generate_series(1, 100) i;
     insert into t values (null, 7, 'eu', 1)`,
  );
  const definition = defined("on_absent: delete\nscope: {region: eu, kind: [0, 1]}");
  const ended = await shop.drive(await shop.create(definition, file(3, 100)));
  assert.equal(ended.status, "completed");
  // 1 is absent, 2 is of another kind.
  assert.deepEqual(ended.absent, { in_scope: 33, absent: 1, deleted: 1 });
  const left = await shop.session.query(
    "select id from t where id <= 3 or id is null order by id",
  );
  assert.deepEqual(left, [{ id: 2 }, { id: 3 }, { id: null }]);
});

Deno.test("a file that lacks more rows than max_absent is held, and released", async () => {
  await using shop = await workshop(TABLE);
  const held = await shop.drive(await shop.create(defined("on_absent: delete"), file(7, 100)));
  assert.equal(held.status, "held");
  assert.deepEqual(held.held!.because, [
    "6 of 100 rows of t are not in the file (6.0%): max_absent is 5%.",
  ]);
  assert.equal(held.held!.absent, 6);
  assert.equal(await count(shop.session, "t"), 100);
});

Deno.test("hold_if also knows how many rows are absent, beside max_absent", async () => {
  await using shop = await workshop(TABLE);
  const definition = defined(
    "on_absent: delete",
    "max_absent: 50%, hold_if: [absent > 5, absent > 90%]",
  );
  const dry = await shop.drive(await shop.create(definition, file(7, 100), { dryRun: true }));
  assert.match(dry.warnings.join(), /would be held .*absent > 5: it is 6\./u);
  const run = await shop.drive(await shop.create(definition, file(7, 100)));
  assert.deepEqual(run.held?.because, ["absent > 5: it is 6."]);
  const looser = defined("on_absent: delete", "max_absent: 50%, hold_if: absent > 6");
  assert.equal((await shop.drive(await shop.create(looser, file(7, 100)))).absent?.deleted, 6);
});

Deno.test("a file without rows is held, whatever max_absent is", async () => {
  await using shop = await workshop(TABLE);
  const definition = defined("on_absent: delete", "max_absent: 100%");
  const held = await shop.drive(await shop.create(definition, "id,n\n"));
  assert.equal(held.status, "held");
  assert.deepEqual(held.held!.because, [
    "The file has no rows, so 100 of 100 rows of t are not in it.",
  ]);
  assert.equal(await count(shop.session, "t"), 100);
  await shop.session.query("delete from t where id > 1");
  const again = await shop.drive(await shop.create(definition, "id,n\n"));
  assert.deepEqual(again.held!.because, [
    "The file has no rows, so 1 of 1 row of t is not in it.",
  ]);
});

Deno.test("what somebody else writes after the run was created is not absent", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(defined("on_absent: delete"), file(4, 100));
  await shop.session.query("insert into t values (500, 1); update t set n = 9 where id = 2");
  const ended = await shop.drive(run);
  assert.deepEqual(ended.absent, { in_scope: 101, absent: 2, deleted: 2 });
  const left = await shop.session.query("select id from t where id < 4 or id > 100 order by id");
  assert.deepEqual(left, [{ id: 2 }, { id: 500 }]);
});

Deno.test("keys are compared as the table compares them", async () => {
  await using shop = await workshop(
    `create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     create table t (id numeric, name text collate nocase, n int, unique (id, name));
     insert into t values (1.0, 'Ada', 1), (2.50, 'bob', 2), (3, 'eve', 3)`,
  );
  const definition = "table: t\nkey: [id, name]\non_duplicate: update\non_absent: delete\n" +
    "options: {transaction: run, max_absent: 50%}\n";
  const ended = await shop.drive(
    await shop.create(definition, "id,name,n\n1,ADA,1\n2.5,Bob,5\n"),
  );
  assert.equal(ended.status, "completed");
  assert.deepEqual(ended.absent, { in_scope: 3, absent: 1, deleted: 1 });
  assert.deepEqual(await shop.session.query("select n from t order by id"), [{ n: 1 }, { n: 5 }]);
});

Deno.test("if other rows refer to an absent one, nothing is loaded, and the reason says which", async () => {
  for (const action of ["", "on delete cascade", "on delete set null"]) {
    await using shop = await workshop(
      `${TABLE} create table o (id int, t_id int references t ${action}); insert into o values (1, 2)`,
    );
    const run = await shop.drive(await shop.create(defined("on_absent: delete"), file(3, 105)));
    assert.equal(run.status, "failed");
    assert.equal(run.error!.code, "absent_refused");
    assert.match(run.error!.message, /2 rows of public.t are not in the file, .*o.*o_t_id_fkey/);
    assert.equal(await count(shop.session, "t"), 100);
    assert.equal(await count(shop.session, "o"), 1);
  }
});
