/** Who may verify: to read is enough. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { type Workshop, workshop } from "../importing.ts";
import { counted, verify } from "./verifying.ts";

const TABLE = "create table items (id int primary key, v int, note text)";
const UPSERT = "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 2 }\n";
const FILE = "id,v,note\n1,1,a\n2,2,b\n3,3,c\n";

/** Works as a role that may read ingest's own tables and what is granted. */
async function asReader(
  { database, session }: Workshop,
  grants: readonly string[],
  work: (ledger: Ledger, role: string) => Promise<void>,
): Promise<void> {
  const role = `reader_${database.config.database}`;
  const all = [
    `create role ${role}`,
    `grant usage on schema ingest, public to ${role}`,
    `grant select on all tables in schema ingest to ${role}`,
    ...grants.map((grant) => grant.replace("ROLE", role)),
  ];
  await session.query(all.join(";"));
  try {
    await using reader = await Session.open(database.config);
    await reader.query(`set role ${role}`);
    await work(new Ledger(reader, "ingest"), role);
  } finally {
    await session.query(`drop owned by ${role}; drop role ${role}`);
  }
}

Deno.test("a role that may only read can verify, and writes nothing", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.drive(await shop.create(UPSERT, FILE));
  await asReader(shop, ["grant select on items to ROLE"], async (ledger) => {
    assert.equal(counted(await verify(ledger, id, 1)), "3 as_written");
  });
});

Deno.test("links are compared by a role that may only read them, and named if it may not", async () => {
  await using shop = await workshop(
    `${TABLE}; create table tags (item int references items, tag text, primary key (item, tag))`,
  );
  const yaml = `${UPSERT}columns: { id: id, v: v }\nmany:\n  - from: note\n` +
    "    pivot: { table: tags, local: item, foreign: tag }\n    sync: replace\n";
  const { id } = await shop.drive(await shop.create(yaml, FILE));
  const grants = ["grant select on items to ROLE"];
  await asReader(shop, grants, async (ledger, role) => {
    const found = await verify(ledger, id, 1);
    const hidden = `tags: Not compared, because the role ${role} may not read item, tag.`;
    assert.ok(found.remarks.includes(hidden), found.remarks.join("\n"));
  });
  await asReader(shop, [...grants, "grant select on tags to ROLE"], async (ledger) => {
    const { tables } = await verify(ledger, id, 1);
    assert.deepEqual(tables?.map(({ rows }) => rows.as_written), [3, 3]);
  });
});

Deno.test("columns that the role may not read are not compared, and it is said", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.drive(await shop.create(UPSERT, FILE));
  await shop.session.query("update items set v = 9, note = 'x' where id = 2");
  await asReader(shop, ["grant select (id, note) on items to ROLE"], async (ledger, role) => {
    const found = await verify(ledger, id, 1);
    assert.equal(counted(found), "2 as_written, 1 changed");
    assert.deepEqual(found.samples[0].values.map(({ column }) => column), ["note"]);
    assert.ok(found.remarks.includes(`The role ${role} may not read column v: not compared.`));
  });
});

Deno.test("a role that may create no temporary table is told what it needs", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.drive(await shop.create(UPSERT, FILE));
  const { database } = shop.database.config;
  await shop.session.query(`revoke temporary on database ${database} from public`);
  await asReader(shop, ["grant select on items to ROLE"], async (ledger, role) => {
    const needs = `grant temporary on database ${database} to ${role};`;
    await assert.rejects(verify(ledger, id, 1), (error: Error) => error.message.endsWith(needs));
  });
});

Deno.test("verify leaves the table's rows, and all of ingest's own, as they were", async () => {
  await using shop = await workshop(
    `${TABLE}; create sequence numbers; alter table items alter v set default nextval('numbers')`,
  );
  const definition = `${UPSERT}columns: { id: id, note: note, v: { from: v, empty: default } }\n`;
  const { id } = await shop.drive(await shop.create(definition, FILE.replace("2,2,b", "2,,b")));
  const state = () =>
    shop.session.query(
      `select (select jsonb_agg(to_jsonb(i) || to_jsonb(i.xmin::text)) from items i) as items,
         (select last_value from numbers) as numbers,
         (select jsonb_agg(to_jsonb(r)) from ingest.runs r) as runs,
         (select jsonb_agg(to_jsonb(t)) from ingest.run_tables t) as tables,
         (select count(*) from ingest.run_events) as events`,
    );
  const before = await state();
  await shop.session.query("alter table items add column more int");
  const altered = await state();
  assert.equal(counted(await verify(shop.ledger, id)), "3 as_written");
  assert.deepEqual(await state(), altered);
  assert.notDeepEqual(before, altered);
});
