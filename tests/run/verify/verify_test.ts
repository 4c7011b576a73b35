import assert from "node:assert/strict";
import { exported, retry } from "../retrying.ts";
import { type Workshop, workshop } from "../importing.ts";
import { counted, sampled, verify } from "./verifying.ts";

const TABLE = `create table items (id int primary key, v int check (v < 90), note text,
  created_at timestamptz not null default now())`;
const UPSERT = "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 3 }\n";

/** Rows `1,1,` to `n,n,`. */
function file(rows: number, change: (id: number) => string = (id) => `${id},${id},n${id}`): string {
  const lines = Array.from({ length: rows }, (_, index) => change(index + 1));
  return ["id,v,note", ...lines, ""].join("\n");
}

async function imported(shop: Workshop, definition: string, content: string): Promise<number> {
  return (await shop.drive(await shop.create(definition, content))).id;
}

Deno.test("verify finds exactly the rows that somebody has changed or deleted since", async () => {
  await using shop = await workshop(TABLE);
  const id = await imported(shop, UPSERT, file(20, (n) => n === 5 ? "5,95," : `${n},${n},n${n}`));
  const clean = await verify(shop.ledger, id);
  assert.equal(counted(clean), "19 as_written, 1 set_aside");
  assert.equal(clean.differs, false);
  assert.deepEqual(clean.not_compared, ["created_at"]);
  await shop.session.query(
    "update items set v = v + 1, note = null where id in (3, 17); delete from items where id = 11",
  );
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "16 as_written, 1 set_aside, 2 changed, 1 gone");
  assert.equal(found.differs, true);
  assert.deepEqual(sampled(found), [
    "3 changed v: 3 → 4, note: n3 → null",
    "11 gone id: 11, v: 11, note: n11",
    "17 changed v: 17 → 18, note: n17 → null",
  ]);
  assert.deepEqual(found.samples[0].key, { id: "3" });
  assert.equal(found.samples[0].line, 4);
});

Deno.test("a row that a later one has replaced is not taken for changed", async () => {
  await using shop = await workshop(TABLE);
  const content = file(12, (n) => `${n % 4 + 1},${n},n${n}`);
  const id = await imported(shop, UPSERT, content);
  assert.equal(counted(await verify(shop.ledger, id)), "4 as_written, 8 replaced");
  await shop.session.query("update items set v = 0 where id = 1");
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "3 as_written, 8 replaced, 1 changed");
  assert.deepEqual(sampled(found), ["12 changed v: 12 → 0"]);
});

Deno.test("rows that a retry has loaded are compared as the retry has read them", async () => {
  await using shop = await workshop(TABLE);
  const content = file(9, (n) => n % 4 === 0 ? `${n},9${n},` : `${n},${n},n${n}`);
  const id = await imported(shop, UPSERT, content);
  assert.equal(counted(await verify(shop.ledger, id)), "7 as_written, 2 set_aside");
  const edited = (await exported(shop, { id })).replace("4,94,", "4,44,fixed");
  const again = await retry(shop, id, { file: edited, acceptChanges: true });
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "8 as_written, 1 set_aside");
  assert.match(found.remarks.join("\n"), new RegExp(`that run ${again.id} loaded`));
  assert.equal(counted(await verify(shop.ledger, again.id)), "1 as_written, 1 set_aside");
  await shop.session.query("update items set note = 'other' where id = 4");
  assert.deepEqual(sampled(await verify(shop.ledger, id)), ["4 changed note: fixed → other"]);
  await shop.session.query(
    `delete from ingest.logged_rows where run_id = ${id} and row_number = 4`,
  );
  const pruned = await verify(shop.ledger, id);
  assert.equal(counted(pruned), "7 as_written, 1 set_aside, 1 unreadable");
  assert.match(pruned.remarks.join("\n"), /1 row that retries loaded can't be compared: it is no/);
});

Deno.test("rows that were skipped are not taken for changed", async () => {
  await using shop = await workshop(TABLE);
  await shop.session.query("insert into items values (2, 20), (3, 30)");
  const skip = UPSERT.replace("update", "skip");
  const id = await imported(shop, skip, file(6));
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "4 as_written, 2 skipped");
  assert.match(found.remarks.join("\n"), /2 rows that differ from the table are taken for them/);
  const all = await imported(shop, skip.replace("{", "{ log_rows: all,"), file(7));
  assert.equal(counted(await verify(shop.ledger, all)), "1 as_written, 6 skipped");
  await shop.session.query("update items set v = 70 where id = 7");
  assert.deepEqual(sampled(await verify(shop.ledger, all)), ["7 changed v: 7 → 70"]);
});

Deno.test("a row older than the table's is skipped, and one that became older has changed", async () => {
  await using shop = await workshop(TABLE);
  await shop.session.query("insert into items values (2, 20), (3, 1)");
  const newer =
    "table: items\nkey: id\non_duplicate: update_if_newer\ncompare: { source: v, target: v }\n";
  const id = await imported(shop, newer, file(4));
  assert.equal(counted(await verify(shop.ledger, id)), "3 as_written, 1 skipped");
  await shop.session.query("update items set v = 0 where id = 4");
  assert.equal(counted(await verify(shop.ledger, id)), "2 as_written, 1 skipped, 1 changed");
});

Deno.test("a later row that is not newer has replaced nothing", async () => {
  await using shop = await workshop(TABLE);
  const newer = "table: items\nkey: id\non_duplicate: update_if_newer\n" +
    "compare: { source: v, target: v }\noptions: { log_rows: all }\n";
  const content = "id,v,note\n1,5,a\n1,4,b\n2,1,a\n2,2,b\n2,2,c\n";
  const id = await imported(shop, newer, content);
  assert.equal(counted(await verify(shop.ledger, id)), "2 as_written, 2 skipped, 1 replaced");
  await shop.session.query("update items set note = 'x'");
  const found = await verify(shop.ledger, id);
  assert.deepEqual(sampled(found), ["1 changed note: a → x", "4 changed note: b → x"]);
  assert.equal(counted(found), "2 skipped, 1 replaced, 2 changed");
});

Deno.test("where the import doesn't write how new a row is, later rows count if the table's is older", async () => {
  await using shop = await workshop(`${TABLE.replace("note text", "note text, seen int")};
    insert into items values (1, 0, '', 15, now()), (2, 0, '', null, now())`);
  const newer = "table: items\nkey: id\non_duplicate: update_if_newer\n" +
    "compare: { source: at, target: seen }\noptions: { log_rows: all, unmapped: ignore }\n" +
    "columns: { id: id, v: v }\n";
  const content = "id,v,at\n1,5,20\n1,4,10\n2,1,30\n2,2,20\n";
  const id = await imported(shop, newer, content);
  assert.equal(counted(await verify(shop.ledger, id)), "2 as_written, 1 skipped, 1 replaced");
  await shop.session.query("update items set v = 9");
  const found = await verify(shop.ledger, id);
  assert.deepEqual(sampled(found), ["1 changed v: 5 → 9", "4 changed v: 2 → 9"]);
});

Deno.test("values that the file doesn't have are not compared", async () => {
  await using shop = await workshop(TABLE);
  await shop.session.query("insert into items values (1, 1, 'kept')");
  const keeping = `${UPSERT}columns:
  id: id
  v: v
  note: { from: note, on_update: keep }
  created_at: { from: at, empty: default }
`;
  const content = "id,v,note,at\n1,1,,\n2,2,n2,\n3,3,n3,2020-01-01\n";
  const id = await imported(shop, keeping, content);
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "3 as_written");
  assert.match(found.remarks.join("\n"), /no value for created_at, the table's DEFAULT was taken/);
  await shop.session.query("update items set created_at = '2021-01-01', note = 'x'");
  assert.equal(counted(await verify(shop.ledger, id)), "1 as_written, 2 changed");
});

Deno.test("without a key, rows are found by a unique index, or counted by all their values", async () => {
  await using shop = await workshop(`${TABLE};
    create table plain (id int, v int, note text);
    create table coded (code text unique, v int)`);
  const byIndex = await imported(shop, "table: items\n", file(5));
  const found = await verify(shop.ledger, byIndex);
  assert.equal(counted(found), "5 as_written");
  assert.deepEqual(found.found_by, ["id"]);
  assert.match(found.remarks.join("\n"), /rows are found by items_pkey \(id\)/);

  const twice = file(6, (n) => `${n % 3},${n % 3},`);
  const plain = await imported(shop, "table: plain\noptions: { batch_rows: 2 }\n", twice);
  assert.equal(counted(await verify(shop.ledger, plain)), "6 as_written");
  await shop.session.query(
    "delete from plain where ctid = (select ctid from plain where id = 1 limit 1)",
  );
  const fewer = await verify(shop.ledger, plain);
  assert.equal(counted(fewer), "5 as_written, 1 not_found");
  assert.deepEqual(fewer.found_by, []);
  assert.deepEqual(sampled(fewer), ["4 not_found id: 1, v: 1, note: null"]);

  const codes = "code,v\na,1\n,2\n,2\nb,3\n";
  const coded = await imported(shop, "table: coded\n", codes);
  assert.equal(counted(await verify(shop.ledger, coded)), "4 as_written");
  await shop.session.query(
    "update coded set v = 9 where code = 'b'; delete from coded where code is null",
  );
  const half = await verify(shop.ledger, coded);
  assert.equal(counted(half), "1 as_written, 1 changed, 2 not_found");
});

Deno.test("without a key, rows that failed and are not logged are counted once", async () => {
  await using shop = await workshop("create table plain (id int, v int check (v < 90), note text)");
  const definition = "table: plain\noptions: { batch_rows: 3, log_rows: none }\n";
  const failing = file(9, (n) => n % 4 === 0 ? `${n},95,` : `${n},${n},`);
  const id = await imported(shop, definition, failing);
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "7 as_written, 2 set_aside");
  assert.match(found.remarks.join("\n"), /2 rows failed and are no longer in the log/u);
});

Deno.test("without a key, rows that the table can't hold any more have changed", async () => {
  await using shop = await workshop("create table plain (id int, code text)");
  const definition = "table: plain\noptions: { batch_rows: 2 }\n";
  const id = await imported(shop, definition, "id,code\n1,a\n2,b\n3,cc\n4,d\n");
  await shop.session.query(
    `create domain letter as text check (length(value) = 1);
     update plain set code = 'c' where id = 3; alter table plain alter code type letter`,
  );
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "3 as_written, 1 changed");
  assert.deepEqual(found.samples.map(({ row_number, result }) => [row_number, result]), [
    [3, "changed"],
  ]);
});

Deno.test("a row type whose fields are all NULL is a key like any other", async () => {
  await using shop = await workshop(
    "create type pair as (a int, b int); create table pairs (id pair unique, v int)",
  );
  const upsert =
    "table: pairs\nkey: id\non_duplicate: update\nsource: { quote: none, delimiter: ';' }\n";
  const id = await imported(shop, upsert, "id;v\n(,);1\n(1,);2\n");
  assert.equal(counted(await verify(shop.ledger, id)), "2 as_written");
  await shop.session.query("update pairs set v = 3");
  assert.equal(counted(await verify(shop.ledger, id)), "2 changed");
});

Deno.test("a trigger that changes values is named, and the values count as changed", async () => {
  await using shop = await workshop(`${TABLE};
    create function shout() returns trigger language plpgsql as
      'begin new.note := upper(new.note); return new; end';
    create trigger shout before insert on items for each row execute function shout();`);
  const id = await imported(shop, UPSERT, file(3));
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "3 changed");
  assert.match(found.remarks.join("\n"), /The table has trigger shout: values that they have/);
});

Deno.test("a row that a trigger took is not missed", async () => {
  await using shop = await workshop(`${TABLE};
    create function take() returns trigger language plpgsql as
      'begin if new.id = 2 then return null; end if; return new; end';
    create trigger take before insert on items for each row execute function take();`);
  const id = await imported(shop, UPSERT, file(4));
  assert.equal(counted(await verify(shop.ledger, id)), "3 as_written, 1 skipped");
});

Deno.test("equal keys in another spelling are the same key", async () => {
  await using shop = await workshop(
    `create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     create table people (name text collate blind primary key, v numeric)`,
  );
  await shop.session.query("insert into people values ('ADA', 1)");
  const upsert = "table: people\nkey: name\non_duplicate: update\n";
  const id = await imported(shop, upsert, "name,v\nada,2.50\nGrace,3\n");
  assert.equal(counted(await verify(shop.ledger, id)), "2 as_written");
});

Deno.test("a key that is unique among some rows finds those, and what has left them since", async () => {
  await using shop = await workshop(`create table t (email text, name text, deleted_at date);
    create unique index t_email on t (email) where deleted_at is null;
    insert into t values ('a@x', 'old', '2020-01-01'), ('b@x', 'old', null)`);
  const upsert = "table: t\nkey: { columns: email, where: deleted_at is null }\n" +
    "on_duplicate: update\n";
  const content = "email,name,deleted_at\na@x,new,\nb@x,new,\nc@x,new,2020-02-02\n";
  const id = await imported(shop, upsert, content);
  assert.equal(counted(await verify(shop.ledger, id)), "3 as_written");
  await shop.session.query("update t set name = 'other' where email = 'b@x'");
  assert.deepEqual(sampled(await verify(shop.ledger, id)), ["2 changed name: new → other"]);
});
