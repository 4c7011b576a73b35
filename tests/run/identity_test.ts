/** Files that bring their own numbers for columns that Postgres numbers itself. */
import assert from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import type { Run } from "../../src/ledger/runs.ts";
import { reopenForResume } from "../../src/run/request/resume.ts";
import { type Workshop, workshop } from "./importing.ts";

const PEOPLE = "create table people (id int generated always as identity primary key, " +
  "email text unique, name text);";

const FILE = "id,email,name\n7,a@x,Ann\n9,b@x,Bob\n";

async function rows(session: Session, table = "people"): Promise<readonly string[]> {
  const found = await session.query<{ row: string }>(
    `select concat_ws(',', ${table === "people" ? "id, email, name" : "t.*"}) as row
     from ${table} t order by 1`,
  );
  return found.map(({ row }) => row);
}

async function run(shop: Workshop, definition: string, file = FILE): Promise<Run> {
  return await shop.drive(await shop.create(definition, file));
}

const BEHIND = "The sequence public.people_id_seq stands at 1, behind the rows, which came with " +
  "their own id, up to 9. New rows would get numbers that are taken. Mend it with: select " +
  `setval('public.people_id_seq', (select max("id") from "public"."people"));`;

Deno.test("a column that is matched by name is numbered by Postgres, and the run says so", async () => {
  await using shop = await workshop(PEOPLE);
  const { warnings } = await run(shop, "table: people\n");
  assert.deepEqual(warnings, [
    'File column "id" is not used: Postgres numbers id itself (generated always). ' +
    "identity: keep would keep the file's numbers.",
  ]);
  assert.deepEqual(await rows(shop.session), ["1,a@x,Ann", "2,b@x,Bob"]);
});

Deno.test("the file's numbers are kept where foreign keys refer to them, and the run says so", async () => {
  for (
    const reference of [
      "create table orders (person int references people);",
      "alter table people add boss int references people;",
    ]
  ) {
    await using shop = await workshop(PEOPLE + reference);
    const { warnings } = await run(shop, "table: people\n");
    assert.deepEqual(warnings, [
      'File column "id" fills id, which Postgres numbers itself (generated always). Its numbers ' +
      "are kept, because foreign keys refer to id. identity: generate would number the rows anew.",
      BEHIND,
    ]);
    assert.deepEqual(await rows(shop.session), ["7,a@x,Ann", "9,b@x,Bob"]);
  }
});

Deno.test("the file's numbers are kept where they are the key, and the same file again changes nothing", async () => {
  await using shop = await workshop(PEOPLE);
  const definition = "table: people\nkey: id\non_duplicate: update\n";
  const first = await run(shop, definition);
  assert.match(first.warnings[0], /are kept, because id is the key\./);
  const again = await run(shop, definition, FILE.replace("Bob", "Bea"));
  assert.deepEqual([again.summary?.updated, again.summary?.skipped], [1, 1]);
  assert.deepEqual(await rows(shop.session), ["7,a@x,Ann", "9,b@x,Bea"]);
});

Deno.test("identity says what becomes of the file's numbers, on every path to the table", async () => {
  // Row by row with a trigger, with row security, and straight into the table.
  const tables: Readonly<Record<string, string>> = {
    plain: "",
    triggered: `create function f() returns trigger language plpgsql as 'begin return new; end';
      create trigger f before insert on people for each row execute function f();`,
    "unique email only": "alter table people drop constraint people_pkey;",
  };
  const columns = "columns: { id: id, email: email, name: name }\n";
  for (const [name, more] of Object.entries(tables)) {
    for (const rest of [name === "plain" ? columns : "", "key: email\non_duplicate: update\n"]) {
      await using shop = await workshop(PEOPLE + more);
      await run(shop, `table: people\n${rest}identity: keep\n`);
      assert.deepEqual(await rows(shop.session), ["7,a@x,Ann", "9,b@x,Bob"], `${name} ${rest}`);
      await shop.session.query("truncate people restart identity");
      // A file of other bytes.
      const file = `${FILE}\n`;
      const { warnings } = await run(shop, `table: people\n${rest}identity: generate\n`, file);
      assert.deepEqual(await rows(shop.session), ["1,a@x,Ann", "2,b@x,Bob"], `${name} ${rest}`);
      assert.deepEqual(warnings, []);
    }
  }
});

Deno.test("a row that is updated keeps its number", async () => {
  await using shop = await workshop(`${PEOPLE} insert into people (email) values ('a@x')`);
  const definition = "table: people\nkey: email\non_duplicate: update\nidentity: keep\n";
  const { summary } = await run(shop, definition);
  assert.deepEqual([summary?.created, summary?.updated], [1, 1]);
  assert.deepEqual(await rows(shop.session), ["1,a@x,Ann", "9,b@x,Bob"]);
});

Deno.test("a key that is only compared finds its rows, and new rows get new numbers", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into people overriding system value values (7, 'old@x', 'Old')`,
  );
  const columns = "columns: { id: id, email: email, name: name }\n";
  for (const [mapping, created] of [["", "1"], [columns, "2"]]) {
    const { warnings, summary } = await run(
      shop,
      `table: people\nkey: id\non_duplicate: update\nidentity: generate\n${mapping}`,
    );
    assert.deepEqual(warnings, []);
    assert.deepEqual([summary?.created, summary?.failed], [1, 0]);
    assert.deepEqual(await rows(shop.session), [`${created},b@x,Bob`, "7,a@x,Ann"]);
    await shop.session.query("delete from people where id < 7; update people set name = ''");
  }
  // Nothing is inserted here, so there is nothing to decide.
  const lookup = "table: people\nkey: id\non_duplicate: update\non_missing: fail\n";
  for (const mapping of ["", columns]) {
    const { warnings, summary } = await run(shop, lookup + mapping);
    assert.deepEqual(warnings, []);
    assert.equal(summary?.failed, 1);
    assert.deepEqual(await rows(shop.session), ["7,a@x,Ann"]);
  }
});

Deno.test("a dry run says what becomes of the numbers, too, and leaves the sequence alone", async () => {
  await using shop = await workshop(PEOPLE);
  const definition = "table: people\nkey: id\noptions: { sequences: advance }\n";
  const dry = await shop.drive(await shop.create(definition, FILE, { dryRun: true }));
  assert.match(dry.warnings.join(), /are kept, because id is the key\. [^,]*, and [^,]*$/);
  assert.deepEqual(await shop.session.query("select last_value from people_id_seq"), [
    { last_value: 1 },
  ]);
});

Deno.test("a sequence that stands behind the rows is told, or advanced, whatever kind it is", async () => {
  const kinds: Readonly<Record<string, string>> = {
    identity: "id int generated by default as identity primary key",
    serial: "id serial primary key",
    "a sequence of one's own": "id bigint default nextval('numbers') primary key",
    descending: "id int generated by default as identity (increment -2 start -1) primary key",
  };
  for (const [kind, column] of Object.entries(kinds)) {
    await using shop = await workshop(`create sequence numbers; create table t (${column}, v int)`);
    const sign = kind === "descending" ? "-" : "";
    const file = (last: number) => `id,v\n${sign}3,1\n${sign}${last},1\n`;
    const said = await run(shop, "table: t\n", file(41));
    assert.match(said.warnings.join(), /stands at -?1, behind the rows/, kind);
    const remedy = /Mend it with: (.*)$/.exec(said.warnings[0])?.[1] ?? "";
    await shop.session.query(remedy);
    await shop.session.query("insert into t (v) values (5)");
    // Near enough to take the numbers one by one, or too far.
    for (const last of kind === "serial" ? [101, 1_000_001] : [101]) {
      const advanced = await run(
        shop,
        "table: t\noptions: { sequences: advance }\n",
        file(last).replace(`${sign}3,`, `${sign}${last - 2},`),
      );
      assert.match(advanced.warnings.join(), /It was advanced to -?\d+\.$/, kind);
      await shop.session.query("insert into t (v) values (5)");
      const next = { "descending": -(last + 2) }[kind] ?? last + 1;
      assert.deepEqual(
        await shop.session.query(`select id from t where v = 5 order by abs(id) desc limit 1`),
        [{ id: next }],
        kind,
      );
    }
  }
});

Deno.test("a sequence that is ahead, or that no row of the file moves past, is nobody's concern", async () => {
  await using shop = await workshop(
    "create table t (id serial primary key, v int); select setval('t_id_seq', 100);",
  );
  assert.deepEqual((await run(shop, "table: t\n", "id,v\n100,1\n")).warnings, []);
  const update = "table: t\nkey: id\non_duplicate: update\n";
  await shop.session.query("insert into t values (500, 1)");
  assert.deepEqual((await run(shop, update, "id,v\n500,2\n")).warnings, []);
});

Deno.test("where ingest can't look at the sequence, it says what may be, and how to mend it", async () => {
  await using shop = await workshop("create table t (id serial, v int)");
  const { warnings, status } = await run(shop, "table: t\n", "id,v\n100,1\n");
  assert.equal(status, "completed");
  assert.deepEqual(warnings, [
    "The sequence public.t_id_seq may stand behind the rows, which came with their own id. Then " +
    "new rows would get numbers that are taken. This mends it: select " +
    `setval('public.t_id_seq', (select max("id") from "public"."t"));`,
  ]);
});

Deno.test("a run that is resumed looks at the sequence again", async () => {
  await using shop = await workshop("create table t (id serial primary key, v int)");
  const definition = "table: t\noptions: { batch_rows: 2, max_errors: 0 }\n";
  const ended = await shop.drive(await shop.create(definition, "id,v\n1,1\n5,x\n7,1\n"), 1);
  assert.match(ended.warnings.join(), /stands at 1, behind the rows.*up to 1\./);
  await reopenForResume(shop.ledger, ended.id, null, null);
  const again = await shop.drive(ended, 1);
  assert.equal(again.warnings.length, 1);
  assert.match(again.warnings[0], /up to 7\./);
});
