/** Children that don't fit the tables, or the file, are refused before anything is loaded. */
import assert from "node:assert/strict";
import { workshop } from "../importing.ts";

const TABLES = `
  create table orders (id int primary key, no text unique);
  create table items (order_id int references orders, sku text not null, qty int not null,
    made text generated always as ('x') stored);
  create table words (id int primary key, word text unique);`;

const ITEMS = "table: items, foreign_key: { order_id: id }, columns: { sku: sku, qty: qty }";

const WRONG: readonly (readonly [string, string])[] = [
  [ITEMS.replace("items", "item"), "nested[0].table: There is no table item"],
  [
    ITEMS.replace("table: items", "table: orders"),
    "nested[0].table: the import writes to orders already",
  ],
  [ITEMS.replace("order_id:", "order:"), 'the table items has no column "order"'],
  [ITEMS.replace(": id", ": ident"), 'the table orders has no column "ident"'],
  [ITEMS.replace(", qty: qty", ""), "nothing fills qty, which is NOT NULL"],
  [
    ITEMS.replace("sku: sku", "skuu: sku"),
    'the table public.items has no column "skuu"; did you mean "sku"?',
  ],
  [
    ITEMS.replace(
      "sku: sku",
      "sku: { from: a, type: boolean, lookup: { table: orders, match: no, returns: no } }",
    ),
    "children can't be looked up in orders",
  ],
  [
    ITEMS.replace("qty: qty", "qty: { from: qty, type: date }"),
    "nested[0].columns.qty.type: date can't go into qty",
  ],
  [ITEMS.replace("order_id:", "made:"), "Postgres fills made of items itself"],
];

function definition(nested: string): string {
  return `
table: orders
key: [no]
columns: { id: id, no: no }
nested:
  - { from: items, ${nested} }
`;
}

const FILE = '{"id":1,"no":"a","items":[{"sku":"s","qty":1}]}\n{"id":2,"no":"b"}\n';

Deno.test("children that the tables don't allow are refused, with what to do", async () => {
  await using shop = await workshop(TABLES);
  for (const [nested, message] of WRONG) {
    await assert.rejects(shop.create(definition(nested), FILE), (error: Error) => {
      assert.ok(error.message.includes(message), `${error.message}\nexpected: ${message}`);
      return true;
    });
  }
});

Deno.test("a file without objects in it is refused; one without the array says so", async () => {
  await using shop = await workshop(TABLES);
  await assert.rejects(
    shop.create(definition(ITEMS), "id,no,items\n1,a,[]\n"),
    /`nested` \(items\) works with JSON and NDJSON only, and this file is neither/u,
  );
  const run = await shop.drive(
    await shop.create(definition(ITEMS), '{"id":1,"no":"a"}\n{"id":2,"no":"b"}\n'),
  );
  assert.equal(run.status, "completed");
  assert.match(run.warnings.join("\n"), /items/u);
});
