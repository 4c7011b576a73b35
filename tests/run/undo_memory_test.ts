/** What whole runs note, so that they can be undone. */
import assert from "node:assert/strict";
import { count, type Workshop, workshop } from "./importing.ts";
import { assertMarked, rememberTable } from "./undo_memory.ts";

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
  await assertMarked(shop.session, [run], { identity: ["id"] });
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
