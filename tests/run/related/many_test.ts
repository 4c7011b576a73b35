/** Many-to-many relations: lists in the file become rows of a pivot table. */
import assert from "node:assert/strict";
import type { Session } from "../../../src/db/session.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { workshop } from "../importing.ts";
import { failures } from "./failures.ts";

const TABLES = `
  create table customers (
    id int generated always as identity primary key, email text unique, name text);
  create table tags (id int generated always as identity primary key, name text unique);
  create table customer_tags (
    customer_id int references customers on delete cascade, tag_id int references tags,
    primary key (customer_id, tag_id));
  insert into tags (name) values ('red'), ('blue'), ('green');
  insert into customers (email, name) values ('ann@x', 'Ann');
  insert into customer_tags values (1, 1), (1, 2);`;

function definition(more = "", many = "", duplicate = "update"): string {
  return `
table: customers
key: [email]
on_duplicate: ${duplicate}
columns: { email: Email, name: Name }
many:
  - from: Tags
    lookup: { table: tags, match: name${more} }
    pivot: { table: customer_tags, local: customer_id, foreign: tag_id }
    ${many}
`;
}

function related(run: Run): unknown {
  return run.summary?.related;
}

async function links(session: Session): Promise<readonly string[]> {
  return (await session.query<{ row: string }>(
    `select c.email || ': ' || coalesce(string_agg(t.name, ' ' order by t.name), '-') as row
     from customers c left join customer_tags p on p.customer_id = c.id
     left join tags t on t.id = p.tag_id group by c.email order by 1`,
  )).map(({ row }) => row);
}

const FILE = 'Email,Name,Tags\nann@x,Ann,"green, red"\nbob@x,Bob,blue\ncid@x,Cid,\n';

Deno.test("rows are linked to what their lists name: new ones, updated ones, and those that are up to date", async () => {
  await using shop = await workshop(TABLES);
  const dry = await shop.drive(await shop.create(definition(), FILE, { dryRun: true }));
  assert.deepEqual(await links(shop.session), ["ann@x: blue red"]);
  const run = await shop.drive(await shop.create(definition(), FILE));
  assert.deepEqual(await links(shop.session), ["ann@x: blue green red", "bob@x: blue", "cid@x: -"]);
  assert.deepEqual(related(run), { customer_tags: { added: 2, removed: 0 } });
  assert.deepEqual(related(dry), related(run));
  assert.deepEqual([run.summary?.created, run.summary?.skipped], [2, 1]);
  const again = await shop.drive(await shop.create(definition(), FILE));
  assert.equal(related(again), undefined);
});

Deno.test("replace removes the links that a list doesn't have; an empty cell removes all, a row that isn't there none", async () => {
  await using shop = await workshop(`${TABLES}
    insert into customers (email) values ('zed@x');
    insert into customer_tags values (2, 3);`);
  const run = await shop.drive(
    await shop.create(definition("", "sync: replace"), 'Email,Name,Tags\nann@x,Ann,"red,green"\n'),
  );
  assert.deepEqual(await links(shop.session), ["ann@x: green red", "zed@x: green"]);
  assert.deepEqual(related(run), { customer_tags: { added: 1, removed: 1 } });
  const none = await shop.drive(
    await shop.create(definition("", "sync: replace"), "Email,Name,Tags\nann@x,Ann,\n"),
  );
  assert.deepEqual(await links(shop.session), ["ann@x: -", "zed@x: green"]);
  assert.deepEqual(related(none), { customer_tags: { added: 0, removed: 2 } });
});

Deno.test("rows that are skipped as duplicates keep their links", async () => {
  await using shop = await workshop(TABLES);
  await shop.drive(await shop.create(definition("", "sync: replace", "skip"), FILE));
  assert.deepEqual(await links(shop.session), ["ann@x: blue red", "bob@x: blue", "cid@x: -"]);
});

Deno.test("with update_if_newer, only rows that are newer change their links", async () => {
  await using shop = await workshop(`${TABLES}
    alter table customers add seen date;
    update customers set seen = '2024-02-02';
    insert into customers (email, name, seen) values ('bob@x', 'Bob', '2024-02-02');`);
  const yaml = definition("", "sync: replace", "update_if_newer").replace(
    "columns:",
    "compare: { source: Seen, target: seen }\ncolumns:",
  );
  const file = "Email,Name,Seen,Tags\nann@x,Ann,2024-01-01,green\nbob@x,Bob,2024-03-03,green\n";
  await shop.drive(await shop.create(yaml, file));
  assert.deepEqual(await links(shop.session), ["ann@x: blue red", "bob@x: green"]);
});

Deno.test("without a key, each row's own links follow it", async () => {
  await using shop = await workshop(TABLES);
  const yaml = definition().replace("key: [email]\non_duplicate: update\n", "");
  const rows = Array.from({ length: 40 }, (_, n) => `c${n}@x,C,${n % 2 === 0 ? "red" : "blue"}`);
  await shop.drive(
    await shop.create(
      `${yaml}options: { batch_rows: 7 }`,
      `Email,Name,Tags\n${rows.join("\n")}\n`,
    ),
  );
  const found = (await links(shop.session)).filter((row) => row.startsWith("c"));
  assert.equal(found.length, 40);
  for (const [row, n] of found.map((row) => [row, Number(row.match(/\d+/u))] as const)) {
    assert.equal(row, `c${n}@x: ${n % 2 === 0 ? "red" : "blue"}`);
  }
});

Deno.test("what a list names and isn't there fails the row, with its other errors; with create it is added, for good rows only", async () => {
  const file =
    'Email,Name,Tags\nann@x,Ann,"red,pink,redd"\n,Bob,"violet,"\ncid@x,Cid,"pink, pink,"\n';
  {
    await using shop = await workshop(TABLES);
    const run = await shop.drive(await shop.create(definition(), file));
    assert.deepEqual(
      await failures(shop.session, run),
      [
        "1 lookup Tags pink: No tags row has this name.",
        "1 lookup Tags redd: No tags row has this name.",
        "2 required email : The email field is required.",
        "2 lookup Tags violet: No tags row has this name.",
        "3 lookup Tags pink: No tags row has this name.",
        "3 lookup Tags pink: No tags row has this name.",
      ],
    );
    assert.equal(run.summary?.related, undefined);
  }
  await using shop = await workshop(TABLES);
  const dry = await shop.drive(
    await shop.create(definition(", create: true"), file, { dryRun: true }),
  );
  const run = await shop.drive(await shop.create(definition(", create: true"), file));
  assert.deepEqual(await links(shop.session), ["ann@x: blue pink red redd", "cid@x: pink"]);
  assert.deepEqual(run.summary?.added, { tags: 2 });
  assert.deepEqual(related(run), { customer_tags: { added: 3, removed: 0 } });
  assert.deepEqual([dry.summary?.added, related(dry)], [run.summary?.added, related(run)]);
});

Deno.test("a link that Postgres refuses fails its row as a whole, and no other", async () => {
  await using shop = await workshop(`${TABLES}
    alter table customer_tags add constraint no_green check (tag_id <> 3);`);
  const run = await shop.drive(await shop.create(definition(), FILE));
  assert.deepEqual(
    await failures(shop.session, run),
    [
      "1 check Tags -: The customer_tags table refuses this row: no_green.",
    ],
  );
  assert.deepEqual(await links(shop.session), ["ann@x: blue red", "bob@x: blue", "cid@x: -"]);
  assert.deepEqual(related(run), { customer_tags: { added: 1, removed: 0 } });
});

Deno.test("JSON has arrays: numbers keep their digits, null says nothing, an empty array says none", async () => {
  await using shop = await workshop(TABLES);
  const yaml = definition("", "sync: replace");
  const rows = [
    '{"Email": "ann@x", "Name": "Ann", "Tags": null}',
    '{"Email": "bob@x", "Name": "Bob", "Tags": ["blue", " red ", null, ""]}',
    '{"Email": "cid@x", "Name": "Cid", "Tags": "blue,red"}',
    '{"Email": "dan@x", "Name": "Dan", "Tags": [["blue"]]}',
    '{"Email": "eve@x", "Name": "Eve", "Tags": {"a": 1}}',
    '{"Email": "fay@x", "Name": "Fay"}',
  ];
  const run = await shop.drive(await shop.create(yaml, `${rows.join("\n")}\n`));
  assert.deepEqual(await links(shop.session), [
    "ann@x: blue red",
    "bob@x: blue red",
    "cid@x: blue red",
    "fay@x: -",
  ]);
  assert.deepEqual((await failures(shop.session, run)).map((row) => row.slice(0, 60)), [
    '4 type Tags [["blue"]]: The Tags field must be a list of tex',
    '5 type Tags {"a": 1}: The Tags field must be a list of texts',
  ]);
  await shop.drive(
    await shop.create(yaml, '{"Email": "ann@x", "Name": "Ann", "Tags": []}\n'.repeat(2)),
  );
  assert.equal((await links(shop.session))[0], "ann@x: -");
});

Deno.test("values without a look-up are the links themselves, and a table may hold several kinds of links", async () => {
  await using shop = await workshop(`
    create table posts (id bigint primary key, title text);
    create table taggings (
      id serial primary key, thing bigint not null, kind text not null, tag numeric not null,
      added_by text not null, unique (thing, kind, tag));
    insert into taggings (thing, kind, tag, added_by) values (1, 'photo', 7, 'x'), (1, 'post', 8, 'x');`);
  const yaml = `
table: posts
key: [id]
on_duplicate: update
columns: { id: id, title: title }
many:
  - from: [labels, tags]
    separator: "|"
    pivot: { table: taggings, local: thing, foreign: tag, values: { kind: post, added_by: x } }
    sync: replace
`;
  const run = await shop.drive(
    await shop.create(yaml, "id,title,tags\n1,one,9|12345678901234567890|9\n2,two,x|9\n"),
  );
  const found = await shop.session.query<{ row: string }>(
    "select thing || ' ' || kind || ' ' || tag as row from taggings order by 1",
  );
  assert.deepEqual(found.map(({ row }) => row), [
    "1 photo 7",
    "1 post 12345678901234567890",
    "1 post 9",
  ]);
  assert.deepEqual(related(run), { taggings: { added: 2, removed: 1 } });
  assert.deepEqual(await failures(shop.session, run), [
    "2 type labels x: The labels field must be a number.",
  ]);
});

Deno.test("where links of different rows exclude each other, the first row gets them, whatever the batches", async () => {
  await using shop = await workshop(`${TABLES}
    truncate customers cascade;
    create unique index one_owner on customer_tags (tag_id);`);
  const yaml = `${definition()}options: { batch_rows: 1 }`;
  const file = "Email,Name,Tags\na@x,A,red\nb@x,B,red\nc@x,C,blue\nd@x,D,blue\n";
  const dry = await shop.drive(await shop.create(yaml, file, { dryRun: true }));
  const run = await shop.drive(await shop.create(yaml, file));
  assert.deepEqual(await links(shop.session), ["a@x: red", "c@x: blue"]);
  assert.deepEqual(related(dry), related(run));
  assert.deepEqual([dry.summary?.failed, run.summary?.failed], [2, 2]);
});

Deno.test("a number of statements that doesn't grow with the rows", async () => {
  await using shop = await workshop(TABLES);
  const rows = Array.from({ length: 3000 }, (_, n) => `c${n}@x,C,"red,blue"`).join("\n");
  const run = await shop.drive(await shop.create(definition(), `Email,Name,Tags\n${rows}\n`));
  assert.deepEqual(related(run), { customer_tags: { added: 6000, removed: 0 } });
  // Each row of its own transaction, or savepoint, would have a number of its own.
  const [{ n }] = await shop.session.query<{ n: number }>(
    "select count(distinct xmin::text) as n from customer_tags",
  );
  assert.ok(n <= 2, `${n} transactions wrote links`);
});
