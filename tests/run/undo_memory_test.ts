/** What whole runs note, so that they can be undone. */
import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { count, type Workshop, workshop } from "./importing.ts";
import { retry } from "./retrying.ts";
import { assertMarked, assertRestorable, rememberTable } from "./undo_memory.ts";

const PEOPLE = "create table t (id int primary key, v text, was int);";
const rows = (from: number, to: number, v: string) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},${v}\n`).join("");

function marks({ session }: Workshop): Promise<{ wrote: string; rows: number }[]> {
  return session.query("select wrote, sum(rows)::int as rows from ingest.undo_marks group by 1");
}

Deno.test("created and updated rows are told apart by their transactions", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into t select i, 'old', i from generate_series(1, 50) i`,
  );
  await rememberTable(shop.session);
  const definition = "table: t\nkey: id\non_duplicate: update\noptions: {batch_rows: 20}\n";
  // Batches of updates, of both, and of new rows.
  const run = await shop.drive(await shop.create(definition, `id,v\n${rows(1, 121, "new")}`));
  assert.equal(run.status, "completed");
  await assertMarked(shop.session, [run]);
});

Deno.test("a run notes the table and the cluster, with the columns that find a row again", async () => {
  await using shop = await workshop(
    `create table t (email text not null unique, id int generated always as identity primary key,
       name text, upper_name text generated always as (upper(name)) stored)`,
  );
  const run = await shop.create("table: t\nkey: email\n", "email,name\na,A\n");
  const [noted] = await shop.session.query(
    `select run_id::int, relation = 't'::regclass as same_table, identity, columns,
       system_identifier = (select system_identifier from pg_control_system()) as same_cluster
     from ingest.undo_tables`,
  );
  assert.deepEqual(noted, {
    run_id: run.id,
    same_table: true,
    same_cluster: true,
    identity: ["id"],
    columns: ["email", "name"],
  });
});

Deno.test("a dry run notes nothing, nor does a run that is not to be undone", async () => {
  await using shop = await workshop(PEOPLE);
  const file = `id,v\n${rows(1, 20, "v")}1,again\n`;
  const keyed = "table: t\nkey: id\non_duplicate: update\n";
  await shop.drive(await shop.create(keyed, file, { dryRun: true }));
  await shop.drive(await shop.create(`${keyed}options: {undo: off}\n`, file));
  assert.equal(await count(shop.session, "t"), 19);
  for (const table of ["undo_marks", "undo_tables", "undo_rows"]) {
    assert.equal(await count(shop.session, `ingest.${table}`), 0, table);
  }
});

Deno.test("a row that a trigger has written is never taken for one that the run created", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into t values (1000, 'last', 1);
     create function note_last() returns trigger language plpgsql as $$ begin
       update t set v = 'last: ' || new.id where id = 1000; return null; end $$;
     create trigger note_last after insert on t for each row execute function note_last()`,
  );
  const run = await shop.drive(await shop.create("table: t\n", `id,v\n${rows(1, 20, "v")}`));
  assert.equal(run.status, "completed");
  assert.deepEqual(await marks(shop), [{ wrote: "updated", rows: 19 }]);
});

Deno.test("a trigger that only looks, or writes elsewhere, changes nothing", async () => {
  await using shop = await workshop(
    `${PEOPLE} create table log (id int);
     create function note() returns trigger language plpgsql as $$ begin
       insert into log values (new.id); return null; end $$;
     create trigger note after insert on t for each row execute function note()`,
  );
  await rememberTable(shop.session);
  const definition = "table: t\noptions: {batch_rows: 10}\n";
  const run = await shop.drive(await shop.create(definition, `id,v\n${rows(1, 40, "v")}`));
  await assertMarked(shop.session, [run]);
  assert.deepEqual(await marks(shop), [{ wrote: "created", rows: 39 }]);
});

const UPDATE = "table: t\nkey: id\non_duplicate: update\n";

Deno.test("what a run has created stays created, however often the file has its key", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into t select i, 'old', i from generate_series(1, 9) i`,
  );
  await rememberTable(shop.session);
  const file = `id,v\n${rows(5, 20, "a")}${rows(1, 15, "b")}${rows(3, 30, "c")}5,d\n12,d\n12,e\n`;
  const run = await shop.drive(await shop.create(`${UPDATE}options: {batch_rows: 7}\n`, file));
  assert.equal(run.status, "completed");
  await assertMarked(shop.session, [run]);
});

/** A table whose key is unique in many ways, or in none. */
const TABLES: Readonly<Record<string, string>> = {
  "a primary key": "create table t (id int primary key, v text, was int);",
  "another primary key":
    "create table t (n int generated always as identity primary key, id int unique, v text, was int);",
  "a unique key that may be NULL": "create table t (id int unique, v text, was int);",
  "no unique key": "create table t (id int, v text, was int);",
  "a primary key, and a key that isn't unique":
    "create table t (n int generated always as identity primary key, id int, v text, was int);",
  "partitions": `create table t (id int primary key, v text, was int) partition by range (id);
     create table t1 partition of t for values from (minvalue) to (15);
     create table t2 partition of t for values from (15) to (maxvalue);`,
  "tables that inherit from it":
    `create table t (id int primary key, v text, was int); create table child () inherits (t);
     insert into child values (3, 'child', 1000);`,
};

/** What tells the rows of these tables apart is not certain, so no old values are kept. */
const NOT_APART = /no unique key/;

for (const [what, table] of Object.entries(TABLES)) {
  Deno.test(`few created among many updated rows, and the reverse: ${what}`, () =>
    few(table, "inserts"));
  Deno.test(`old values of many rows and of few: ${what}`, () =>
    few(table, "updates", !NOT_APART.test(what)));
}

async function few(table: string, undo: string, restores = false): Promise<void> {
  await using shop = await workshop(
    `${table} insert into t (id, v, was) select i, 'old', i from generate_series(1, 40) i;`,
  );
  await rememberTable(shop.session);
  const file = `id,v\n${rows(1, 19, "a")}${rows(100, 102, "b")}` + // 18 updated, 2 created
    `${rows(200, 218, "c")}${rows(21, 23, "d")}` + // 18 created, 2 updated
    `${rows(30, 40, "old")}${rows(300, 301, "e")}${rows(25, 26, "f")}` + // hardly any
    `101,g\n217,h\n22,i\n1,j\n`; // and again
  const options = `options: {batch_rows: 20, undo: ${undo}}\n`;
  const run = await shop.drive(await shop.create(`${UPDATE}${options}`, file), 1);
  assert.equal(run.status, "completed");
  await assertMarked(shop.session, [run]);
  if (restores) await assertRestorable(shop.session, [run]);
}

Deno.test("a row that a retry updates is still one that the run has created", async () => {
  await using shop = await workshop(
    `create table refs (id int primary key); insert into refs values (1);
     create table t (id int primary key, v text, ref int references refs, was int);
     insert into t select i, 'old', 1, i from generate_series(1, 5) i`,
  );
  await rememberTable(shop.session);
  const file = "id,v,ref\n1,a,1\n10,a,1\n11,a,1\n2,b,2\n10,b,2\n1,b,2\n12,b,2\n3,b,2\n11,c,3\n";
  const run = await shop.drive(
    await shop.create(`${UPDATE}options: {batch_rows: 4, undo: updates}\n`, file),
  );
  assert.equal(run.status, "completed_with_errors");
  await assertMarked(shop.session, [run]);
  await shop.session.query("insert into refs values (2)");
  const first = await retry(shop, run.id);
  await assertMarked(shop.session, [run, first]);
  await shop.session.query("insert into refs values (3)");
  const second = await retry(shop, first.id);
  assert.equal(second.status, "completed");
  await assertMarked(shop.session, [run, first, second]);
  await assertRestorable(shop.session, [run, first, second]);
});

Deno.test("a row that no longer satisfies the key's condition is found again", async () => {
  await using shop = await workshop(
    `create table t (n int generated always as identity primary key, id int, v text,
       deleted_at date, was int);
     create unique index on t (id) where deleted_at is null;
     insert into t (id, v, was) select i, 'old', i from generate_series(1, 9) i;
     insert into t (id, v, was, deleted_at) select i, 'older', 100 + i, '2020-01-01'
     from generate_series(1, 9) i`,
  );
  await rememberTable(shop.session);
  const file = "id,v,deleted_at\n1,a,2024-01-01\n2,a,\n20,a,\n21,a,\n22,a,\n3,a,2024-01-01\n1,b,\n";
  const definition = "table: t\nkey: {columns: id, where: deleted_at is null}\n" +
    "on_duplicate: update\noptions: {batch_rows: 20}\n";
  const run = await shop.drive(await shop.create(definition, file));
  assert.equal(run.status, "completed");
  await assertMarked(shop.session, [run]);
});

Deno.test("a role that may not read xmin leaves rows that it has written twice to be kept", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into t select i, 'old', i from generate_series(1, 9) i;`,
  );
  const role = `columns_${shop.database.config.database}`;
  await shop.session.query(
    `create role ${role} login password 'limited'; grant usage on schema ingest, public to ${role};
     grant all on all tables in schema ingest to ${role};
     grant select (id, v), insert (id, v), update (id, v) on t to ${role}`,
  );
  const limited = { ...shop.database.config, user: role, password: "limited" };
  await using session = await Session.open(limited);
  const ledger = new Ledger(session, "ingest");
  const run = await shop.create(UPDATE, `id,v\n${rows(1, 30, "a")}1,b\n20,b\n`, { ledger });
  assert.equal((await shop.drive(run, 1, limited)).status, "completed");
  const wrote = await shop.session.query(
    "select m.wrote, array_agg(t.id order by t.id) as ids from t join ingest.undo_marks m " +
      "on m.xid::xid = t.xmin where t.id in (1, 9, 20, 29) group by 1 order by 1",
  );
  assert.deepEqual(wrote, [
    { wrote: "created", ids: [29] },
    { wrote: "updated", ids: [1, 9, 20] },
  ]);
  await shop.session.query(`drop owned by ${role}; drop role ${role}`);
});

Deno.test("old values are kept to the last bit, whatever their type", async () => {
  await using shop = await workshop(
    `create schema own; create type mood as enum ('so', 'la la'); create type pair as (a int, b text);
     create domain own.short as varchar(5) check (value <> 'x'); create type own.text as (v int);
     create function own.lossy(own.text) returns text language sql immutable as $$ select 'lost' $$;
     create cast (own.text as text) with function own.lossy(own.text);
     create table t (id int primary key, v text, was int, c char(5), b bpchar, n numeric, f float8,
       g float4, d date, ts timestamptz, i interval, j json, jb jsonb, x bytea, m mood, p pair,
       a text[], aa int[][], r int4range, mo money, bits bit varying(9), q "char", h own.short,
       o own.text, u uuid, ip inet, xm xml, twice int generated always as (id * 2) stored);
     insert into t values
       (1, 'a', 1, 'ab', 'ab  ', 1.500, 0.1::float8 + 0.2, 1.0/3, '2024-02-29', '2024-01-01 12:00+05',
         '1 mon -3 days', '{"b": 1,  "a":2}', '{"b": 1}', '\\x00ff', 'la la', '(1,"a ""b""")',
         '{"a,b",NULL,"NULL"}', '{{1,2},{3,4}}', '[1,5)', '12.34', b'0101', 'c', 'ab', '(7)',
         gen_random_uuid(), '10.0.0.1/8', '<a> b</a>'),
       (2, '', 2, '', '', 'NaN', '-Infinity', '-0', 'infinity', '-infinity', '0', 'null', 'null', '',
         'so', '(,)', '{}', '{}', 'empty', '-0.01', b'', '', '', '()', null, '::1', ''),
       (3, null, 3, null, null, null, null, null, null, null, null, null, null, null, null, null,
         null, null, null, null, null, null, null, null, null, null, null)`,
  );
  await rememberTable(shop.session);
  const definition = `${UPDATE}options: {undo: updates}\n`;
  const run = await shop.drive(await shop.create(definition, "id,v\n1,new\n2,new\n3,new\n"));
  assert.equal(run.summary?.updated, 3);
  await assertMarked(shop.session, [run]);
  await assertRestorable(shop.session, [run]);
});

Deno.test("a row that a trigger takes from its update has no old values", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into t select i, 'old', i from generate_series(1, 9) i;
     create function take() returns trigger language plpgsql as $$ begin
       if new.id % 2 = 1 then return null; end if;
       new.v := new.v || '!'; return new; end $$;
     create trigger take before update on t for each row execute function take()`,
  );
  await rememberTable(shop.session);
  const definition = `${UPDATE}options: {undo: updates}\n`;
  const run = await shop.drive(
    await shop.create(definition, `id,v\n${rows(1, 15, "a")}2,b\n14,b\n`),
  );
  assert.equal(run.status, "completed");
  await assertMarked(shop.session, [run]);
  await assertRestorable(shop.session, [run]);
  const kept = await shop.session.query<{ id: string }>(
    "select identity[1] as id from ingest.undo_rows order by 1",
  );
  assert.deepEqual(kept.map(({ id }) => id), ["2", "4", "6", "8"]);
});

Deno.test("where nothing tells rows apart, no old values are kept", async () => {
  await using shop = await workshop(
    "create table t (id int, v text, was int); insert into t values (1, 'old', 1), (1, 'old', 2)",
  );
  await rememberTable(shop.session);
  const definition = `${UPDATE}options: {undo: updates}\n`;
  const run = await shop.drive(await shop.create(definition, "id,v\n1,new\n2,new\n"));
  await assertMarked(shop.session, [run]);
  assert.equal(await count(shop.session, "ingest.undo_rows"), 0);
});

Deno.test("an old row's number is kept with its epoch", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into t values (1, 'old', 1); create table written (at xid8);
     insert into written select pg_current_xact_id(); insert into t values (2, 'old', 2)`,
  );
  const definition = `${UPDATE}options: {undo: updates}\n`;
  await shop.drive(await shop.create(definition, "id,v\n1,new\n2,new\n"));
  const [{ same }] = await shop.session.query<{ same: boolean }>(
    "select every(before_xid = (select at from written)) as same from ingest.undo_rows",
  );
  assert.equal(same, true);
});
