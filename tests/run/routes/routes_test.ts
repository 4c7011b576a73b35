/** Rows of one file that go into several tables: retries, undo, changes of a table, and what is refused. */
import assert from "node:assert/strict";
import type { Session } from "../../../src/db/session.ts";
import { parseDefinition } from "../../../src/importer/parse.ts";
import { haveSameRules } from "../../../src/run/request/same_rules.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
import { groups, undo } from "../undo/undoing.ts";

const TABLES = `
  create table admins (login text primary key, name text not null, level int check (level < 10));
  create table users (email text primary key, name text not null, boss text references admins);`;

const WHEN_USER = "when: { column: Type, equals: user }";

function definition(options = "", when = WHEN_USER): string {
  return `
tables:
  - table: users
    ${when}
    key: [email]
    columns: { email: Key, boss: Boss }
  - table: admins
    when: { column: Type, equals: admin }
    key: [login]
    columns: { login: Key, level: Level }
on_duplicate: update
columns: { name: Name }
options: { batch_rows: 3${options} }
`;
}

const FILE = `Type,Key,Name,Level,Boss
user,u1,Una,,ann
robot,r1,Robby,,
admin,ann,Ann,3,
admin,bob,Bob,12,
user,u2,,,
user,u1,Una again,,
`;

function contents(session: Session): Promise<readonly string[]> {
  return session.query<{ row: string }>(
    `select concat_ws(' ', 'admin', login, name, level) as row from admins
     union all select concat_ws(' ', 'user', email, name, boss) from users order by 1`,
  ).then((rows) => rows.map(({ row }) => row));
}

function codes(session: Session, { id }: Run): Promise<readonly string[]> {
  return session.query<{ code: string }>(
    `select format('%s %s', r.row_number, d ->> 'code') as code
     from ingest.rows r, json_array_elements((r.errors -> 'details')::json) d
     where r.run_id = $1 order by r.row_number`,
    [id],
  ).then((rows) => rows.map(({ code }) => code));
}

Deno.test("a row that no table takes fails, and a retry puts it where it belongs now", async () => {
  await using shop = await workshop(TABLES);
  const run = await shop.drive(await shop.create(definition(), FILE));
  assert.deepEqual(await contents(shop.session), ["admin ann Ann 3", "user u1 Una again"]);
  assert.deepEqual(await codes(shop.session, run), ["2 no_table", "4 check", "5 required"]);
  const again = await retry(shop, run.id, {
    definition: definition("", "when: { column: Type, one_of: [user, robot] }"),
  });
  assert.deepEqual([again.summary?.created, again.summary?.failed], [1, 2]);
  assert.deepEqual(again.summary?.related, {
    admins: { created: 0, updated: 0, skipped: 0, failed: 1 },
    users: { created: 1, updated: 0, skipped: 0, failed: 1 },
  });
  assert.ok((await contents(shop.session)).includes("user r1 Robby"));
});

Deno.test("an undo takes back the rows of all tables", async () => {
  await using shop = await workshop(
    `${TABLES} insert into admins values ('ann', 'old', 1); insert into users values ('u9', 'kept')`,
  );
  const before = await contents(shop.session);
  const run = await shop.drive(await shop.create(definition(", undo: updates"), FILE));
  assert.notDeepEqual(await contents(shop.session), before);
  assert.equal(await undo(shop, run), "completed: deleted 1, restored 1, kept 0");
  assert.deepEqual(await contents(shop.session), before);
});

Deno.test("an undo keeps rows that were changed since, in whichever table, and lists them", async () => {
  await using shop = await workshop(TABLES);
  const file = `${FILE}admin,cyd,Cyd,1,\nuser,u3,Ugo,,\nuser,u4,Uwe,,\n`;
  const run = await shop.drive(await shop.create(definition(), file));
  await shop.session.query(
    `update admins set level = 9 where login = 'ann'; delete from admins where login = 'cyd';
     update users set name = 'other' where email in ('u3', 'u4')`,
  );
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 1, restored 0, kept 4");
  assert.deepEqual(await contents(shop.session), [
    "admin ann Ann 9",
    "user u3 other",
    "user u4 other",
  ]);
  const kept = await shop.session.query<{ row: string }>(
    `select concat_ws(' ', data ->> 'login', data ->> 'email', errors ->> 'message') as row
     from ingest.rows where run_id = (select max(id) from ingest.runs) order by row_number`,
  );
  assert.deepEqual(kept.map(({ row }) => row).sort(), [
    "ann admins: The row was changed since the run wrote it.",
    "u3 users: The row was changed since the run wrote it.",
    "u4 users: The row was changed since the run wrote it.",
  ]);
  assert.deepEqual(await groups(shop), [
    "1 x admins: The row was changed or deleted since the run wrote it. (changed_since)",
    "1 x admins: The row was changed since the run wrote it. (changed_since)",
    "2 x users: The row was changed since the run wrote it. (changed_since)",
  ]);
});

Deno.test("a file is loaded once more if another table takes a row, or says it otherwise", () => {
  const parse = (yaml: string) => {
    const parsed = parseDefinition(yaml, "test.yaml");
    if ("problems" in parsed) throw new Error(parsed.problems[0].message);
    return parsed.definition;
  };
  const usual = parse(definition());
  assert.ok(haveSameRules(usual, parse(definition())));
  assert.ok(!haveSameRules(usual, parse(definition("", "when: { column: Type, equals: x }"))));
  assert.ok(!haveSameRules(usual, parse(definition().replace("level: Level", "level: Lvl"))));
  assert.ok(!haveSameRules(usual, parse(definition().replace("key: [login]", "key: [Key]"))));
});

Deno.test("a row that fails takes its batch with it, whichever tables its rows go into", async () => {
  await using shop = await workshop(TABLES);
  const file = "Type,Key,Name,Level,Boss\nadmin,ann,Ann,1,\nuser,u1,Una,,ann\nadmin,bob,Bob,99,\n" +
    "user,u2,Uma,,\nadmin,cyd,Cyd,2,\n";
  const run = await shop.drive(await shop.create(definition(", transaction: atomic"), file));
  assert.deepEqual(await contents(shop.session), ["admin cyd Cyd 2", "user u2 Uma"]);
  assert.deepEqual([run.summary?.created, run.summary?.failed], [2, 3]);
});

Deno.test("files without rows, or with rows of one table only, are like any others", async () => {
  await using shop = await workshop(TABLES);
  const empty = await shop.drive(await shop.create(definition(), "Type,Key,Name,Level,Boss\n"));
  assert.deepEqual([empty.status, empty.summary?.processed], ["completed", 0]);
  const file = "Type,Key,Name,Level,Boss\nadmin,ann,Ann,1,\nadmin,bob,Bob,2,\n";
  const run = await shop.drive(await shop.create(definition(), file));
  assert.deepEqual([run.status, run.summary?.created], ["completed", 2]);
  assert.deepEqual(Object.keys(run.summary?.related ?? {}), ["admins"]);
});

Deno.test("rows of JSON go where a condition on any of their values says", async () => {
  await using shop = await workshop(TABLES);
  const yaml = definition().replace("options:", "source: { format: ndjson }\noptions:");
  const rows = [
    { Type: "user", Key: "u1", Name: "Una", Boss: "ann" },
    { Type: "admin", Key: "ann", Name: "Ann", Level: 3 },
    { Type: null, Key: "x", Name: "Nobody's" },
  ];
  const file = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const run = await shop.drive(await shop.create(yaml, file));
  assert.deepEqual(await contents(shop.session), ["admin ann Ann 3", "user u1 Una ann"]);
  assert.deepEqual(await codes(shop.session, run), ["3 no_table"]);
});

Deno.test("a change of any of the tables is noticed", async () => {
  await using shop = await workshop(TABLES);
  const { session } = shop;
  const run = await shop.create(definition(), FILE);
  await session.query(
    "alter table admins add column extra int; alter table users alter name drop not null",
  );
  const { status, warnings } = await shop.drive(run);
  assert.equal(status, "completed_with_errors");
  const told = warnings.join("\n");
  assert.match(told, /extra of admins is new/);
  assert.match(told, /name of users may be NULL now/);
  // A column that is filled is gone from the second one.
  const lost = await shop.create(definition(), FILE);
  await session.query("alter table admins drop column level");
  const ended = await shop.drive(lost);
  assert.equal(ended.status, "failed");
  assert.match(ended.error?.message ?? "", /level of admins is gone.*tables\[1\]\.columns\.level/s);
});

Deno.test("whatever is cut off in the middle, each row is loaded once", async () => {
  await using shop = await workshop(`${TABLES}
    create function cut() returns trigger language plpgsql as $$ begin
      if random() < 0.01 then perform pg_terminate_backend(pg_backend_pid()); end if;
      return null; end $$;
    create trigger cut after insert on admins for each row execute function cut();
    create trigger cut after insert on users for each row execute function cut();`);
  const rows = Array.from(
    { length: 300 },
    (_, index) =>
      index % 3 === 0 ? `admin,a${index},A,1,\n` : `user,u${index},U,,a${(index * 7) % 300}\n`,
  );
  const file = `Type,Key,Name,Level,Boss\n${rows.join("")}`;
  const yaml = definition().replace("batch_rows: 3", "batch_rows: 20");
  const run = await shop.drive(await shop.create(yaml, file), 3);
  const bosses = rows.filter((row, index) => row.startsWith("user") && (index * 7) % 3 === 0);
  assert.deepEqual(
    [run.summary?.created, run.summary?.failed],
    [100 + bosses.length, 200 - bosses.length],
  );
  const [{ admins, users }] = await shop.session.query<{ admins: number; users: number }>(
    "select (select count(*)::int from admins) as admins, (select count(*)::int from users) as users",
  );
  assert.deepEqual([admins, users], [100, bosses.length]);
});

Deno.test("what can't work is refused before there is a run", async () => {
  await using shop = await workshop(TABLES);
  const refused = (yaml: string, file: string, why: RegExp) =>
    assert.rejects(() => shop.create(yaml, file), why);
  await refused(
    definition(),
    "Typ,Key,Name,Level,Boss\n",
    /The file has no column "Type" for the condition of the table users; it has Typ, .*did you mean/,
  );
  await refused(
    definition().replace("table: admins", "table: admin"),
    FILE,
    /there is no table admin in this database; did you mean admins\?/i,
  );
  await refused(
    "tables: [{ table: users, when: { column: Type, equals: user } }, { table: public.users }]",
    FILE,
    /public\.users is in `tables` twice/,
  );
  await refused(
    definition().replace("level: Level", "levle: Level"),
    FILE,
    /tables\[1\]\.columns\.levle: .*did you mean "level"\?/,
  );
  const [{ runs }] = await shop.session.query<{ runs: number }>(
    "select count(*)::int as runs from ingest.runs",
  );
  assert.equal(runs, 0);
});
