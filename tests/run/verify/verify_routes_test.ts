/** Verifies runs whose rows went into several tables. */
import assert from "node:assert/strict";
import { type Workshop, workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
import { counted, sampled, verify } from "./verifying.ts";

const TABLES = `
  create table admins (login text primary key, name text not null, level int check (level < 10));
  create table users (email text primary key, name text not null, boss text);
  create table events (at int, name text, seen timestamptz default now());`;

function definition(options = "", how = "on_duplicate: update"): string {
  return `
tables:
  - table: users
    when: { column: Type, equals: user }
    key: [email]
    ${how}
    columns: { email: Key, name: Name, boss: Boss }
  - table: admins
    when: { column: Type, equals: admin }
    key: [login]
    on_duplicate: update
    columns: { login: Key, name: Name, level: { from: Level, type: integer } }
  - table: events
    when: { column: Type, equals: event }
    columns: { at: { from: Level, type: integer }, name: Name }
options: { batch_rows: 3${options} }
`;
}

const FILE = `Type,Key,Name,Level,Boss
user,u1,Una,,ann
robot,r1,Robby,,
admin,ann,Ann,3,
admin,bob,Bob,12,
event,,start,1,
user,u2,Uma,,
event,,stop,2,
user,u1,Una again,,
admin,cyd,Cyd,4,
`;

async function imported(shop: Workshop, yaml = definition(), file = FILE): Promise<number> {
  return (await shop.drive(await shop.create(yaml, file))).id;
}

type Found = Awaited<ReturnType<typeof verify>>;

/** `users: 2 as_written`, a line for each table. */
function byTable({ tables = [] }: Found): string[] {
  return tables.map(({ table, rows }) => {
    const counts = Object.entries(rows).filter(([, count]) => count > 0);
    return `${table}: ${counts.map(([name, count]) => `${count} ${name}`).join(", ")}`;
  });
}

function placed(found: Found): string[] {
  return sampled(found).map((line, index) => `${found.samples[index].table}: ${line}`);
}

Deno.test("rows of several tables are compared with the table that took each", async () => {
  await using shop = await workshop(TABLES);
  const id = await imported(shop);
  const clean = await verify(shop.ledger, id);
  assert.equal(counted(clean), "6 as_written, 2 set_aside, 1 replaced");
  assert.deepEqual(byTable(clean), [
    "users: 2 as_written, 1 replaced",
    "admins: 2 as_written",
    "events: 2 as_written",
  ]);
  assert.deepEqual([clean.differs, clean.table], [false, "users, admins, events"]);
  assert.deepEqual(clean.found_by, ["users.email", "admins.login"]);
  assert.deepEqual(clean.not_compared, ["events.seen"]);
  assert.ok(
    clean.remarks.includes("events: Not compared, because the file doesn't fill it: seen."),
    clean.remarks.join("\n"),
  );
  await shop.session.query(
    `update users set name = 'other' where email = 'u1'; delete from admins where login = 'ann';
     update events set at = 7 where at = 2`,
  );
  const found = await verify(shop.ledger, id);
  assert.equal(
    counted(found),
    "3 as_written, 2 set_aside, 1 replaced, 1 changed, 1 gone, 1 not_found",
  );
  assert.deepEqual(byTable(found), [
    "users: 1 as_written, 1 replaced, 1 changed",
    "admins: 1 as_written, 1 gone",
    "events: 1 as_written, 1 not_found",
  ]);
  assert.deepEqual(found.tables?.map(({ differs }) => differs), [true, true, true]);
  assert.deepEqual(placed(found), [
    "admins: 3 gone login: ann, name: Ann, level: 3",
    "events: 7 not_found at: 2, name: stop",
    "users: 8 changed name: Una again → other",
  ]);
});

Deno.test("a row that somebody has moved to another of the tables is gone from its own", async () => {
  await using shop = await workshop(TABLES);
  const id = await imported(shop);
  await shop.session.query(
    `with moved as (delete from users where email = 'u2' returning *)
     insert into admins select email, name, 1 from moved`,
  );
  const found = await verify(shop.ledger, id);
  assert.deepEqual(placed(found), ["users: 6 gone email: u2, name: Uma, boss: null"]);
  assert.equal(counted(found), "5 as_written, 2 set_aside, 1 replaced, 1 gone");
});

Deno.test("rows that one table's rows skipped excuse none of another table", async () => {
  await using shop = await workshop(TABLES);
  await shop.session.query("insert into users values ('u2', 'was here')");
  const id = await imported(shop, definition("", "on_duplicate: skip"));
  const clean = await verify(shop.ledger, id);
  assert.equal(clean.differs, false, sampled(clean).join("\n"));
  assert.deepEqual(byTable(clean)[0], "users: 1 as_written, 2 skipped");
  await shop.session.query("update admins set name = 'other'");
  const found = await verify(shop.ledger, id);
  assert.deepEqual(placed(found), [
    "admins: 3 changed name: Ann → other",
    "admins: 9 changed name: Cyd → other",
  ]);
  // With all rows in the log, nothing has to be assumed.
  const logged = await imported(shop, definition(", log_rows: all", "on_duplicate: skip"));
  const known = await verify(shop.ledger, logged);
  assert.deepEqual(byTable(known)[0], "users: 3 skipped");
  assert.doesNotMatch(known.remarks.join("\n"), /is not logged/);
});

Deno.test("a row that a trigger took, or that failed without being logged, is missed in no table", async () => {
  await using shop = await workshop(`${TABLES}
    create function take() returns trigger language plpgsql as 'begin return null; end';
    create trigger take before insert on users for each row when (new.email = 'u2')
      execute function take()`);
  const id = await imported(shop, definition(", log_rows: none"));
  const found = await verify(shop.ledger, id);
  assert.equal(found.differs, false, sampled(found).join("\n"));
  assert.equal(counted(found), "5 as_written, 2 set_aside, 1 skipped, 1 replaced");
  await shop.session.query("delete from admins");
  assert.deepEqual(byTable(await verify(shop.ledger, id)).slice(0, 2), [
    "users: 1 as_written, 1 skipped, 1 replaced",
    "admins: 2 gone",
  ]);
});

Deno.test("what a retry has loaded is compared with the table that took it then", async () => {
  await using shop = await workshop(TABLES);
  const id = await imported(shop);
  const again = await retry(shop, id, {
    definition: definition().replace("equals: user", "one_of: [user, robot]"),
  });
  const clean = await verify(shop.ledger, id);
  assert.equal(counted(clean), "7 as_written, 1 set_aside, 1 replaced");
  assert.match(clean.remarks.join("\n"), new RegExp(`that run ${again.id} loaded`));
  await shop.session.query("delete from users where email = 'r1'");
  const found = await verify(shop.ledger, id);
  assert.deepEqual(placed(found), ["users: 2 gone email: r1, name: Robby, boss: null"]);
  assert.equal(found.samples[0].run, again.id);
  assert.deepEqual(placed(await verify(shop.ledger, again.id)), placed(found));
});

Deno.test("rows that a retry has put into a table that the run didn't have say so", async () => {
  await using shop = await workshop(`${TABLES} create table robots (id text primary key)`);
  const yaml = `table: users\nkey: [email]\ncolumns: { email: Key, name: Name }\n`;
  const file = "Key,Name\nu1,Una\nr1,\n";
  const id = await imported(shop, yaml, file);
  await retry(shop, id, { definition: "table: robots\nkey: [id]\ncolumns: { id: Key }\n" });
  const clean = await verify(shop.ledger, id);
  assert.deepEqual(byTable(clean), ["users: 1 as_written", "robots: 1 as_written"]);
  await shop.session.query("delete from robots");
  assert.deepEqual(placed(await verify(shop.ledger, id)), ["robots: 2 gone id: r1"]);
});

Deno.test("a column that one of the tables has lost is not compared, and a table that is gone is an error", async () => {
  await using shop = await workshop(TABLES);
  const id = await imported(shop);
  await shop.session.query("alter table admins drop column level");
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "6 as_written, 2 set_aside, 1 replaced");
  const lost =
    "admins: The table no longer has column level, which the run has filled: not compared.";
  assert.ok(found.remarks.includes(lost), found.remarks.join("\n"));
  await shop.session.query("alter table admins rename to chiefs");
  await assert.rejects(verify(shop.ledger, id), /no table admins/);
});

Deno.test("tables of the same name in two schemas are told apart", async () => {
  await using shop = await workshop(`create schema a; create schema b;
    create table a.t (id int primary key, v text); create table b.t (id int primary key, v text);
    insert into a.t values (1, 'old'); insert into b.t values (2, 'old')`);
  const yaml = `
tables:
  - { table: a.t, when: { column: w, equals: a } }
  - { table: b.t, when: { column: w, equals: b } }
key: [id]
on_duplicate: skip
columns: { id: id, v: v }
`;
  const id = await imported(shop, yaml, "w,id,v\na,1,x\na,2,x\nb,1,x\nb,2,x\n");
  const clean = await verify(shop.ledger, id);
  assert.deepEqual(byTable(clean), [
    "a.t: 1 as_written, 1 skipped",
    "b.t: 1 as_written, 1 skipped",
  ]);
  await shop.session.query("delete from b.t");
  const found = await verify(shop.ledger, id);
  assert.equal(found.rows.gone, 2);
  assert.deepEqual(found.samples.map(({ table }) => table), ["b.t", "b.t"]);
});

Deno.test("where the file has changed since, no table's rows are compared", async () => {
  await using shop = await workshop(TABLES);
  const id = await imported(shop);
  await Deno.writeTextFile(shop.file, FILE.replace("event,,start,1", "event,,start,9"));
  const found = await verify(shop.ledger, id);
  assert.equal(found.rows.unreadable, 3);
  assert.equal(found.differs, true);
});
