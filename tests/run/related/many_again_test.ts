/** What comes after a run with relations: retries, undo, verify. */
import assert from "node:assert/strict";
import { createUndo } from "../../../src/run/request/undo.ts";
import { workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
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

Deno.test("a retry links the rows that failed, verify compares the rows, and an undo is refused", async () => {
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
  assert.equal(counted(await verify(shop.ledger, run.id)), "2 as_written");
  await assert.rejects(
    createUndo(shop.ledger, { id: run.id, user: null, dryRun: false }),
    /Cannot undo run \d+: it also wrote rows to other tables .*Nothing has been undone/u,
  );
});
