/** Relations in odd company: to the table itself, to columns that change, in batches that are rolled back. */
import assert from "node:assert/strict";
import type { Session } from "../../../src/db/session.ts";
import { relatedTexts } from "../../../src/report/related_text.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { workshop } from "../importing.ts";

async function lines(session: Session, sql: string): Promise<readonly string[]> {
  return (await session.query<{ row: string }>(sql)).map(({ row }) => row);
}

Deno.test("rows may be linked to others of the same file, in any order; a circle fails", async () => {
  await using shop = await workshop(`
    create table people (id int generated always as identity primary key, name text unique);
    create table friends (one int references people, other int references people,
      primary key (one, other));`);
  const run = await shop.drive(
    await shop.create(
      `
table: people
key: [name]
on_duplicate: update
columns: { name: Name }
many:
  - from: Friends
    separator: "|"
    lookup: { table: people, match: name }
    pivot: { table: friends, local: one, foreign: other }
options: { batch_rows: 2 }
`,
      "Name,Friends\nann,bob|cid\nbob,cid\ncid,\ndan,eve\neve,dan\nfay,nobody\n",
    ),
  );
  assert.deepEqual(
    await lines(
      shop.session,
      `select a.name || ' ' || b.name as row from friends join people a on a.id = one
       join people b on b.id = other order by 1`,
    ),
    ["ann bob", "ann cid", "bob cid"],
  );
  assert.deepEqual([run.summary?.created, run.summary?.failed], [3, 3]);
});

Deno.test("links refer to what the update has made of the column", async () => {
  await using shop = await workshop(`
    create table customers (id int primary key, code text unique);
    create table tags (id int primary key, name text unique);
    create table customer_tags (code text references customers (code) on update cascade, tag int);
    insert into customers values (1, 'old');
    insert into tags values (1, 'red'), (2, 'blue');
    insert into customer_tags values ('old', 1);`);
  await shop.drive(
    await shop.create(
      `
table: customers
key: [id]
on_duplicate: update
columns: { id: Id, code: Code }
many:
  - { from: Tags, lookup: { table: tags, match: name }, sync: replace,
      pivot: { table: customer_tags, local: code, foreign: tag } }
`,
      "Id,Code,Tags\n1,new,blue\n2,other,red\n",
    ),
  );
  assert.deepEqual(
    await lines(shop.session, "select code || ' ' || tag as row from customer_tags order by 1"),
    ["new 2", "other 1"],
  );
});

Deno.test("a batch that is rolled back leaves no links, and counts none", async () => {
  await using shop = await workshop(`
    create table posts (id int primary key);
    create table labels (post int references posts, label int check (label < 9));`);
  const yaml = `
table: posts
columns: { id: id }
many:
  - { from: labels, separator: "|", pivot: { table: labels, local: post, foreign: label } }
options: { batch_rows: 2, transaction: atomic }
`;
  const file = "id,labels\n1,1|2\n2,3\n3,4\n4,9\n5,5\n";
  const dry = await shop.drive(await shop.create(yaml, file, { dryRun: true }));
  const run = await shop.drive(await shop.create(yaml, file));
  assert.deepEqual(
    await lines(shop.session, "select post || ' ' || label as row from labels order by 1"),
    ["1 1", "1 2", "2 3", "5 5"],
  );
  assert.deepEqual(run.summary?.related, { labels: { added: 4, removed: 0 } });
  assert.deepEqual([dry.summary?.related, run.summary?.failed], [run.summary?.related, 2]);
});

Deno.test("links and children that a trigger takes are counted, and a dry run says the same", async () => {
  await using shop = await workshop(`
    create table orders (id int primary key);
    create table order_tags (order_id int references orders, tag text, primary key (order_id, tag));
    create table items (order_id int references orders, line int, primary key (order_id, line));
    create function take() returns trigger language plpgsql as
      'begin return case when to_jsonb(new) ->> tg_argv[0] like ''2%'' then null else new end; end';
    create trigger take before insert on order_tags for each row execute function take('tag');
    create trigger take before insert on items for each row execute function take('line');`);
  const definition = `
table: orders
source: { format: json }
key: [id]
on_duplicate: update
columns: { id: id }
many:
  - { from: tags, pivot: { table: order_tags, local: order_id, foreign: tag } }
nested:
  - from: items
    table: items
    foreign_key: { order_id: id }
    key: [order_id, line]
    columns: { line: line }
`;
  const file = JSON.stringify([
    { id: 1, tags: ["a", "2a", "2a", "b"], items: [{ line: 1 }, { line: 2 }, { line: 3 }] },
    { id: 2, tags: ["a"], items: [{ line: 2 }, { line: 1 }, { line: 1 }] },
  ]);
  const counted = {
    order_tags: { added: 3, removed: 0, taken: 1 },
    items: { created: 3, updated: 0, skipped: 1, taken: 2 },
  };
  for (const dryRun of [true, false]) {
    const run = await shop.drive(await shop.create(definition, file, { dryRun }));
    assert.equal(run.status, "completed");
    assert.deepEqual(run.summary?.related, counted);
    assert.deepEqual(
      relatedTexts(await runReport(shop.ledger, run.id, { rows: 0 })),
      [
        "In items: 3 rows created, 1 skipped, 2 taken by a trigger",
        "In order_tags: 3 rows added, 1 taken by a trigger",
      ].map((text) => `${text}${dryRun ? ", if it were a real run" : ""}.`),
    );
  }
  // None of them is new the second time, but for those that are taken again.
  const again = await shop.drive(await shop.create(definition, file));
  assert.deepEqual(again.summary?.related, {
    order_tags: { added: 0, removed: 0, taken: 1 },
    items: { created: 0, updated: 0, skipped: 4, taken: 2 },
  });
});
