/** What comes after a run with relations: retries, undo, verify. */
import assert from "node:assert/strict";
import { count, workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
import { makeUndo, undo } from "../undo/undoing.ts";
import { counted, verify } from "../verify/verifying.ts";

const TABLES = `
  create table customers (id int generated always as identity primary key, email text unique);
  create table tags (id int primary key, name text unique);
  create table customer_tags (customer_id int references customers, tag_id int references tags,
    primary key (customer_id, tag_id));
  insert into tags values (1, 'red');`;

const DEFINITION = `
table: customers
key: [email]
columns: { email: Email }
many:
  - from: Tags
    lookup: { table: tags, match: name }
    pivot: { table: customer_tags, local: customer_id, foreign: tag_id }
`;

Deno.test("a retry links the rows that failed, verify compares both, and an undo takes both back", async () => {
  await using shop = await workshop(TABLES);
  const run = await shop.drive(
    await shop.create(DEFINITION, "Email,Tags\na@x,red\nb@x,blue\n"),
  );
  assert.deepEqual([run.summary?.created, run.summary?.failed], [1, 1]);
  await shop.session.query("insert into tags values (2, 'blue')");
  const again = await retry(shop, run.id);
  assert.deepEqual(again.summary?.related, { customer_tags: { added: 1, removed: 0 } });
  const links = await shop.session.query<{ row: string }>(
    "select customer_id || ' ' || tag_id as row from customer_tags order by 1",
  );
  assert.deepEqual(links.map(({ row }) => row.split(" ")[1]), ["1", "2"]);
  const verified = await verify(shop.ledger, run.id);
  assert.equal(counted(verified), "2 as_written");
  assert.deepEqual(verified.tables?.map(({ table, rows }) => [table, rows.as_written]), [
    ["customers", 2],
    ["customer_tags", 2],
  ]);
  assert.equal(await undo(shop, run), "completed: deleted 4, restored 0, kept 0");
  assert.equal(await count(shop.session, "customer_tags"), 0);
});

Deno.test("of a run that remembered nothing of its links, an undo is refused", async () => {
  await using shop = await workshop(TABLES);
  const off = `${DEFINITION}options: { undo: off }\n`;
  const run = await shop.drive(await shop.create(off, "Email,Tags\na@x,red\nb@x,blue\n"));
  await assert.rejects(
    makeUndo(shop, run),
    /Cannot undo run 1: it was loaded with options.undo: off, so nothing was remembered/u,
  );
  await shop.session.query("insert into tags values (2, 'blue')");
  // A retry may have another definition.
  await shop.session.query(
    `update ingest.runs set definition = jsonb_set(definition::jsonb, '{options,undo}', '"inserts"')`,
  );
  await retry(shop, run.id);
  await shop.session.query(
    `update ingest.runs set definition = jsonb_set(definition::jsonb, '{options,undo}', '"off"')
     where id = 1`,
  );
  await assert.rejects(
    makeUndo(shop, run),
    /Cannot undo run 1: run 1 of it was loaded with options.undo: off, .*Nothing has been undone/u,
  );
});
