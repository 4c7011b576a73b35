/** Rows whose children Postgres refuses are found together, and as if one by one. */
import assert from "node:assert/strict";
import { workshop } from "../importing.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { failures } from "./failures.ts";

const TABLES = `
  create sequence attempts;
  create function attempted() returns trigger language plpgsql as $$ begin
    perform nextval('attempts'); return null; end $$;
  create table orders (id serial primary key, no text unique);
  create trigger attempted after insert on orders for each statement
    execute function attempted();
  create table items (id serial primary key, order_id int not null references orders,
    sku text, qty int check (qty > 0), unique (order_id, sku));
  create table marks (item_id int references items, mark text check (mark <> 'bad'),
    primary key (item_id, mark));`;

const DEFINITION = (duplicates: string) => `
table: orders
key: [no]
on_duplicate: ${duplicates}
columns: { no: no }
nested:
  - from: items
    table: items
    foreign_key: { order_id: id }
    key: [order_id, sku]
    columns: { sku: sku, qty: qty }
    nested:
      - { from: marks, table: marks, foreign_key: { item_id: id }, key: [item_id, mark],
          columns: { mark: mark } }
`;

/** How many rows were created, skipped and failed. */
function outcomes({ summary }: Run): readonly unknown[] {
  return [summary?.created, summary?.skipped, summary?.failed];
}

const isBad = (index: number) => index % 10 === 3;

function order(no: number, items: readonly unknown[]): string {
  return JSON.stringify({ no: `${no}`, items }) + "\n";
}

Deno.test("a batch with many refused children is loaded in a few attempts", async () => {
  await using shop = await workshop(TABLES);
  const file = Array.from({ length: 400 }, (_, index) =>
    order(index, [
      { sku: "a", qty: 1, marks: [{ mark: index % 40 === 7 ? "bad" : "good" }] },
      { sku: "b", qty: isBad(index) ? 0 : 2 },
    ])).join("");
  const run = await shop.drive(await shop.create(DEFINITION("update"), file));
  assert.deepEqual(outcomes(run), [350, 0, 50]);
  const [{ attempts }] = await shop.session.query<{ attempts: number }>(
    "select last_value as attempts from attempts",
  );
  assert.ok(attempts <= 3, `${attempts} attempts`);
  const [first, second] = await failures(shop.session, run);
  assert.equal(
    first,
    "4 check items.qty -: items 2: The items table refuses this row: items_qty_check.",
  );
  assert.equal(
    second,
    "8 check items.marks.mark -: items 1: marks 1: The marks table refuses this row: marks_mark_check.",
  );
});

Deno.test("children that are not written are not refused", async () => {
  await using shop = await workshop(TABLES);
  const there = order(1, [{ sku: "a", qty: 1 }]) + order(2, [{ sku: "a", qty: 1 }]);
  await shop.drive(await shop.create(DEFINITION("update"), there));
  // Row 1 is skipped as a whole; row 3 fails, so that the batch is looked at.
  const again = order(1, [{ sku: "a", qty: 0 }]) + order(3, [{ sku: "a", qty: 3 }]) +
    order(4, [{ sku: "a", qty: 0 }]);
  const skipping = await shop.drive(await shop.create(DEFINITION("skip"), again));
  assert.deepEqual(outcomes(skipping), [1, 1, 1]);
  assert.deepEqual(
    (await failures(shop.session, skipping)).map((text) => text.split(" ")[0]),
    ["3"],
  );
  // A child that is there is updated, and so refused.
  const updates = DEFINITION("update").replace(
    "key: [order_id, sku]",
    "key: [order_id, sku]\n    on_duplicate: update",
  );
  const updating = await shop.drive(await shop.create(updates, again));
  assert.deepEqual(
    (await failures(shop.session, updating)).map((text) => text.split(" ")[0]),
    ["1", "3"],
  );
});

Deno.test("the second of two children with one key follows the first", async () => {
  await using shop = await workshop(TABLES);
  const skips = DEFINITION("skip").replace(
    "key: [order_id, sku]",
    "key: [order_id, sku]\n    on_duplicate: skip",
  );
  const file = order(1, [{ sku: "a", qty: 1 }, { sku: "a", qty: 0 }]) +
    order(2, [{ sku: "a", qty: 0 }, { sku: "a", qty: 1 }]);
  const run = await shop.drive(await shop.create(skips, file));
  assert.deepEqual(outcomes(run), [1, 0, 1]);
  assert.deepEqual(await failures(shop.session, run), [
    "2 check items.qty -: items 1: The items table refuses this row: items_qty_check.",
  ]);
});
