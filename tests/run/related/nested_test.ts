/** Rows of other tables that are in rows of JSON. */
import assert from "node:assert/strict";
import type { Session } from "../../../src/db/session.ts";
import { workshop } from "../importing.ts";
import { failures } from "./failures.ts";

const TABLES = `
  create table products (id int primary key, sku text unique);
  insert into products values (1, 'A'), (2, 'B'), (3, 'C');
  create table orders (id int generated always as identity primary key, number text unique, note text);
  create table order_items (
    id int generated always as identity primary key,
    order_id int not null references orders, line int not null,
    product_id int not null references products, qty int not null default 1 check (qty < 100),
    extra jsonb, unique (order_id, line));
  create table discounts (item_id int not null references order_items, code varchar(5) not null);
  insert into orders (number) values ('X');
  insert into order_items (order_id, line, product_id, qty) values (1, 1, 1, 1), (1, 9, 1, 9);`;

const DEFINITION = `
table: orders
key: [number]
on_duplicate: update
columns: { number: no, note: note }
nested:
  - from: items
    table: order_items
    foreign_key: { order_id: id }
    key: [order_id, line]
    on_duplicate: update
    columns:
      line: { from: line, type: integer }
      product_id: { from: [sku, article.sku], required: true, lookup: { table: products, match: sku } }
      qty: { from: qty, min: 0 }
      extra: extra
    nested:
      - from: discounts
        table: discounts
        foreign_key: { item_id: id }
        columns: { code: { from: code, transform: [upper] } }
`;

const ROWS = [
  {
    no: "X",
    note: "n",
    items: [{ line: 1, sku: "B", qty: 5 }, { line: 2, sku: "C", extra: { a: [1] } }],
  },
  {
    no: "Y",
    items: [
      { line: 1, article: { sku: "A" }, discounts: [{ code: "five" }, { code: "ten" }] },
      { line: 2, sku: "B", discounts: [] },
    ],
  },
  { no: "Z", items: [] },
  { no: "W" },
];

function lines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

async function orders(session: Session): Promise<readonly string[]> {
  return (await session.query<{ row: string }>(
    `select o.number || ':' || coalesce((select string_agg(' ' || i.line || p.sku || i.qty
       || coalesce(i.extra::text, '') || coalesce((select string_agg('-' || code, '' order by code)
         from discounts where item_id = i.id), ''), '' order by i.line)
       from order_items i join products p on p.id = i.product_id where i.order_id = o.id), '') as row
     from orders o order by 1`,
  )).map(({ row }) => row);
}

Deno.test("children are loaded with their parents, at any depth, and a dry run says the same", async () => {
  await using shop = await workshop(TABLES);
  const dry = await shop.drive(await shop.create(DEFINITION, lines(ROWS), { dryRun: true }));
  assert.deepEqual(await orders(shop.session), ["X: 1A1 9A9"]);
  const run = await shop.drive(await shop.create(DEFINITION, lines(ROWS)));
  assert.deepEqual(await failures(shop.session, run), []);
  assert.deepEqual(await orders(shop.session), [
    "W:",
    'X: 1B5 2C1{"a": [1]} 9A9',
    "Y: 1A1-FIVE-TEN 2B1",
    "Z:",
  ]);
  assert.deepEqual(run.summary?.related, {
    order_items: { created: 3, updated: 1, skipped: 0 },
    discounts: { created: 2, updated: 0, skipped: 0 },
  });
  assert.deepEqual(dry.summary?.related, run.summary?.related);
  assert.deepEqual([run.summary?.created, run.summary?.updated], [3, 1]);
});

Deno.test("a child that is wrong fails its row as a whole, and says which child it is", async () => {
  await using shop = await workshop(TABLES);
  const rows = [
    { no: "A", items: [{ line: 1, sku: "A" }, { line: "x", sku: "Q", qty: -1 }] },
    { no: "B", items: [{ line: 1, sku: "A" }, { line: 2, sku: "B", qty: 100 }] },
    { no: "C", items: [{ line: 1, sku: "A", discounts: [{ code: "ok" }, { code: "too long" }] }] },
    { no: "D", items: { line: 1 } },
    { no: "E", items: [7] },
    { no: "F", items: [{ line: 1, sku: "A" }] },
    { no: "G", items: [{ line: 1 }] },
    { no: "H", items: [{ line: 1, sku: "A" }] },
  ];
  const run = await shop.drive(await shop.create(DEFINITION, lines(rows)));
  assert.deepEqual(await failures(shop.session, run), [
    "1 type items.line x: items 2: The line field must be a whole number.",
    "1 lookup items.product_id Q: items 2: No products row has this sku.",
    "1 min items.qty -1: items 2: The qty field must be at least 0.",
    "2 check items.qty -: items 2: The order_items table refuses this row: order_items_qty_check.",
    "3 max_length items.discounts.code too long: items 1: discounts 2: The code field must not be longer than 5 characters.",
    '4 type items {"line":1}: The items field must be a list of objects.',
    "5 malformed items -: items 1: The row is a number where an object is expected.",
    "7 required items.product_id : items 1: The product_id field is required.",
  ]);
  assert.deepEqual((await orders(shop.session)).filter((row) => !row.startsWith("X")), [
    "F: 1A1",
    "H: 1A1",
  ]);
});

Deno.test("children with the same key in a list are applied one after the other", async () => {
  for (const [duplicate, expected] of [["update", "A: 1C7"], ["skip", "A: 1A5"], ["fail", null]]) {
    await using shop = await workshop(TABLES);
    const yaml = DEFINITION.replace(
      "on_duplicate: update\n    columns",
      `on_duplicate: ${duplicate}\n    columns`,
    );
    const items = [{ line: 1, sku: "A", qty: 5 }, { line: 1, sku: "C", qty: 7 }];
    const run = await shop.drive(
      await shop.create(yaml, lines([{ no: "A", items }, { no: "B", items: [items[0]] }])),
    );
    const found = await orders(shop.session);
    assert.deepEqual(
      found.filter((row) => row.startsWith("A")),
      expected === null ? [] : [expected],
    );
    assert.ok(found.includes("B: 1A5"));
    assert.deepEqual(
      (await failures(shop.session, run)).map((row) => row.replace(/ \d+, 1:/u, ":")),
      expected === null
        ? ["1 duplicate items: items 2: Duplicate entry found for key 'order_id, line'."]
        : [],
    );
  }
});

Deno.test("children whose key doesn't name the parent are applied in the file's order, whatever the batches", async () => {
  await using shop = await workshop(`
    create table parents (id int primary key);
    create table things (code text primary key, parent int not null references parents);`);
  const yaml = `
table: parents
key: [id]
columns: { id: id }
nested:
  - { from: things, table: things, foreign_key: { parent: id }, key: code, on_duplicate: update,
      columns: { code: code } }
options: { batch_rows: 1 }
`;
  const rows = [1, 2, 3, 4].map((id) => ({
    id,
    things: [{ code: "same" }, { code: `own ${id}` }],
  }));
  const dry = await shop.drive(await shop.create(yaml, lines(rows), { dryRun: true }));
  const run = await shop.drive(await shop.create(yaml, lines(rows)));
  const found = await shop.session.query<{ row: string }>(
    "select code || ' ' || parent as row from things order by 1",
  );
  assert.deepEqual(found.map(({ row }) => row), [
    "own 1 1",
    "own 2 2",
    "own 3 3",
    "own 4 4",
    "same 4",
  ]);
  assert.deepEqual(run.summary?.related, { things: { created: 5, updated: 3, skipped: 0 } });
  assert.deepEqual(dry.summary?.related, run.summary?.related);
});

Deno.test("a row may have thousands of children, and one that is refused is still found", async () => {
  await using shop = await workshop(TABLES);
  const items = Array.from({ length: 2000 }, (_, line) => ({ line: line + 10, sku: "A", qty: 1 }));
  const wrong = items.slice(0, 50).map((item, index) => ({ ...item, qty: index === 33 ? 100 : 1 }));
  const run = await shop.drive(
    await shop.create(DEFINITION, lines([{ no: "A", items }, { no: "B", items: wrong }])),
  );
  assert.deepEqual(await failures(shop.session, run), [
    "2 check items.qty -: items 34: The order_items table refuses this row: order_items_qty_check.",
  ]);
  assert.deepEqual(run.summary?.related, {
    order_items: { created: 2000, updated: 0, skipped: 0 },
  });
});
