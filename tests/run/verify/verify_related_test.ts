/** Verifies what rows have brought to other tables: links, children, and children of these. */
import assert from "node:assert/strict";
import type { Verification } from "../../../src/run/verify/findings.ts";
import { workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
import { definitionOf, lines, ROWS, several } from "../undo/several_tables.ts";
import { imported } from "../undo/undoing.ts";
import { counted, verify } from "./verifying.ts";

/** `items: 2 as_written`, a line for each table. */
function byTable({ tables = [] }: Verification): string[] {
  return tables.map(({ table, rows }) => {
    const counts = Object.entries(rows).filter(([, count]) => count > 0);
    return `${table}: ${counts.map(([name, count]) => `${count} ${name}`).join(", ")}`;
  });
}

/** `items 1: items 2 changed qty: 2 → 5`: of which table, of which row, and where in it. */
function listed({ samples }: Verification): string[] {
  return samples.map(({ table, row_number, place, result, key, values, message }) => {
    const shown = result === "changed"
      ? values.map(({ column, file, table }) => `${column}: ${file} → ${table}`)
      : Object.entries(key).map(([name, value]) => `${name} ${value}`);
    const rest = message ?? shown.join(", ");
    return `${table} ${row_number}: ${place === undefined ? "" : `${place} `}${result} ${rest}`;
  });
}

Deno.test("links, children and their children are compared, each table by itself", async () => {
  await using shop = await several();
  const run = await imported(shop, lines(ROWS), definitionOf());
  const clean = await verify(shop.ledger, run.id);
  assert.equal(clean.differs, false, listed(clean).join("\n"));
  assert.equal(counted(clean), "3 as_written");
  assert.deepEqual(byTable(clean), [
    "orders: 3 as_written",
    "order_tags: 3 as_written",
    "items: 3 as_written",
    "discounts: 3 as_written",
  ]);
  assert.ok(clean.found_by.includes("items.line"), clean.found_by.join(" "));
  const [y] = await shop.session.query<{ id: number }>("select id from orders where no = 'Y'");
  await shop.session.query(
    `delete from order_tags where o = 1 and tag = 3; insert into order_tags values (1, 2, 'hand');
     update items set qty = 12 where order_id = 1 and line = 1;
     delete from discounts where code = 'c'; update discounts set code = 'z' where code = 'b'`,
  );
  const found = await verify(shop.ledger, run.id);
  assert.equal(counted(found), "3 as_written");
  assert.equal(found.differs, true);
  assert.deepEqual(byTable(found), [
    "orders: 3 as_written",
    "order_tags: 2 as_written, 1 gone, 1 added",
    "items: 2 as_written, 1 changed",
    "discounts: 1 as_written, 2 not_found",
  ]);
  assert.deepEqual(listed(found).sort(), [
    "discounts 2: items 1: discounts 1 not_found ",
    "discounts 2: items 1: discounts 2 not_found ",
    "items 1: items 1 changed qty: 11 → 12",
    "order_tags 1: tags added o 1, tag 2",
    "order_tags 1: tags gone o 1, tag 3",
  ]);
  const lost = found.samples.find(({ place }) => place === "items 1: discounts 1");
  assert.deepEqual(lost?.values.map(({ column, file }) => `${column} ${file}`), [
    `item_id ${lost?.values[0].file}`,
    "code b",
  ]);
  await shop.session.query(
    `delete from discounts; delete from items where order_id = ${y.id}; update items set order_id = 3
     where order_id = 1 and line = 2; delete from order_tags where o = 3; `,
  );
  const moved = await verify(shop.ledger, run.id);
  assert.deepEqual(listed(moved).filter((line) => line.startsWith("items")).sort(), [
    "items 1: items 1 changed qty: 11 → 12",
    "items 1: items 2 gone order_id 1, line 2",
    `items 2: items 1 gone order_id ${y.id}, line 1`,
  ]);
});

Deno.test("what belongs to a row that was deleted is not looked for, and it is said", async () => {
  await using shop = await several();
  const run = await imported(shop, lines(ROWS), definitionOf());
  await shop.session.query(
    `delete from order_tags; delete from discounts; delete from items; delete from orders`,
  );
  const found = await verify(shop.ledger, run.id);
  assert.equal(counted(found), "3 gone");
  assert.ok(
    found.remarks.includes(
      "3 rows can't be found in orders: what belongs to them is not looked for.",
    ),
    found.remarks.join("\n"),
  );
});

Deno.test("links that others have added are theirs, unless the list replaces all", async () => {
  await using shop = await several();
  const run = await imported(shop, lines(ROWS), definitionOf({ sync: "add" }));
  assert.equal((await verify(shop.ledger, run.id)).differs, false);
  await shop.session.query("insert into order_tags select 1, 3 on conflict do nothing");
  assert.equal((await verify(shop.ledger, run.id)).differs, false);
  await shop.session.query("delete from order_tags where o = 1 and tag = 1");
  assert.deepEqual(listed(await verify(shop.ledger, run.id)), [
    "order_tags 1: tags gone o 1, tag 1",
  ]);
});

Deno.test("of rows with the same key, the last list and the last children count", async () => {
  await using shop = await several();
  const rows = [
    { no: "Y", note: "1", tags: ["red"], items: [{ line: 1, qty: 1 }, { line: 1, qty: 2 }] },
    { no: "Y", note: "1", tags: ["blue"], items: [{ line: 1, qty: 3 }, { line: 2, qty: 1 }] },
    { no: "Y", note: "1" },
    { no: "Q", tags: [] },
  ];
  const run = await imported(shop, lines(rows), definitionOf({ options: "batch_rows: 1" }));
  const clean = await verify(shop.ledger, run.id);
  assert.equal(clean.differs, false, listed(clean).join("\n"));
  assert.deepEqual(byTable(clean).slice(1, 3), [
    "order_tags: 1 as_written",
    "items: 2 as_written, 2 replaced",
  ]);
  await shop.session.query("insert into order_tags select id, 2 from orders where no = 'Q'");
  await shop.session.query("update order_tags set tag = 3 where tag = 2 and o <> 1");
  const kinds = (await verify(shop.ledger, run.id)).samples
    .map(({ row_number, result }) => `${row_number} ${result}`);
  assert.deepEqual(kinds.sort(), ["2 added", "2 gone", "4 added"]);
});

Deno.test("what a retry has brought is compared, too", async () => {
  await using shop = await several();
  const rows = [{ no: "Y", tags: ["red"] }, { no: "Z", tags: ["mauve"], items: [{ line: 1 }] }];
  const run = await imported(shop, lines(rows), definitionOf());
  assert.deepEqual(byTable(await verify(shop.ledger, run.id)).slice(0, 3), [
    "orders: 1 as_written",
    "order_tags: 1 as_written",
    "items: ",
  ]);
  await shop.session.query("insert into tags values (4, 'mauve')");
  const again = await retry(shop, run.id);
  assert.deepEqual(byTable(await verify(shop.ledger, run.id)).slice(0, 3), [
    "orders: 2 as_written",
    "order_tags: 2 as_written",
    "items: 1 as_written",
  ]);
  await shop.session.query("delete from items where qty = 1");
  const found = await verify(shop.ledger, run.id);
  assert.deepEqual(found.samples.map(({ run, table, place }) => [run, table, place]), [
    [again.id, "items", "items 1"],
  ]);
});

Deno.test("rows and children that were skipped bring nothing, and are not missed", async () => {
  await using shop = await several();
  const yaml = definitionOf({ options: "undo: off" }).replaceAll(
    "on_duplicate: update",
    "on_duplicate: skip",
  );
  // X is there, with other tags and items. Of line 1, the first counts.
  const rows = [
    ROWS[0],
    { no: "Y", items: [{ line: 1, qty: 1 }, { line: 1, qty: 2 }], tags: ["red"] },
  ];
  const run = await imported(shop, lines(rows), yaml);
  const clean = await verify(shop.ledger, run.id);
  assert.equal(clean.differs, false, listed(clean).join("\n"));
  assert.match(clean.remarks.join("\n"), /order_tags: Which rows were skipped, or taken/u);
  await shop.session.query("delete from order_tags where o <> 1; delete from items where qty = 1");
  const found = await verify(shop.ledger, run.id);
  assert.equal(found.rows.skipped, 1);
  const logged = await imported(
    shop,
    lines([ROWS[0], { no: "W", tags: ["red"], items: [{ line: 1, qty: 7 }] }]),
    yaml.replace("undo: off", "undo: off, log_rows: all"),
  );
  assert.equal((await verify(shop.ledger, logged.id)).differs, false);
  await shop.session.query("delete from order_tags where o <> 1; delete from items where qty = 7");
  assert.deepEqual(listed(await verify(shop.ledger, logged.id)).length, 2);
});

Deno.test("links and children that a trigger took are not missed, and no others are excused", async () => {
  await using shop = await several(`
    create function take() returns trigger language plpgsql as 'begin return null; end';
    create trigger take before insert on items for each row when (new.qty = 13)
      execute function take();
    create trigger take before insert on order_tags for each row when (new.tag = 3)
      execute function take();`);
  const rows = [
    { no: "Y", tags: ["red"], items: [{ line: 1, qty: 13 }, { line: 2, qty: 2 }] },
    { no: "Z", tags: ["red", "green"], items: [{ line: 1, qty: 3 }] },
    { no: "Q", tags: ["blue"], items: [{ line: 1, qty: 4 }] },
  ];
  const run = await imported(shop, lines(rows), definitionOf({ options: "batch_rows: 1" }));
  const clean = await verify(shop.ledger, run.id);
  assert.equal(clean.differs, false, listed(clean).join("\n"));
  assert.deepEqual(byTable(clean).slice(1, 3), [
    "order_tags: 3 as_written, 1 skipped",
    "items: 3 as_written, 1 skipped",
  ]);
  await shop.session.query("delete from items where qty = 4");
  assert.deepEqual(byTable(await verify(shop.ledger, run.id)).slice(1, 3), [
    "order_tags: 3 as_written, 1 skipped",
    "items: 2 as_written, 1 skipped, 1 gone",
  ]);
});

Deno.test("tables and columns that are gone are named, and the rest is compared", async () => {
  await using shop = await several();
  const run = await imported(shop, lines(ROWS), definitionOf());
  await shop.session.query("alter table items drop column qty; drop table discounts");
  const found = await verify(shop.ledger, run.id);
  assert.deepEqual(byTable(found), [
    "orders: 3 as_written",
    "order_tags: 3 as_written",
    "items: 3 as_written",
  ]);
  assert.equal(found.differs, true);
  const told = found.remarks.join("\n");
  assert.match(told, /discounts: Not compared, because the table is gone\./u);
  assert.match(told, /items: .*no longer has qty, which the run has filled/u);
  await shop.session.query("drop table order_tags; alter table items drop column line cascade");
  const less = await verify(shop.ledger, run.id);
  assert.deepEqual(byTable(less), ["orders: 3 as_written"]);
  const why = less.remarks.join("\n");
  assert.match(why, /order_tags: Not compared, because the table is gone\./u);
  assert.match(why, /items: Not compared, because the table no longer has the column line\./u);
});

Deno.test("a link to what is no longer there has changed, and says what wasn't found", async () => {
  await using shop = await several();
  const run = await imported(shop, lines(ROWS), definitionOf());
  await shop.session.query("delete from order_tags where tag = 3; delete from tags where id = 3");
  const found = await verify(shop.ledger, run.id);
  assert.equal(counted(found), "3 as_written");
  const [line] = listed(found);
  assert.equal(line, "order_tags 1: tags changed green: No tags row has this name.");
});

Deno.test("children of rows that no key finds are not compared, and it is said", async () => {
  await using shop = await workshop(
    `create table orders (id int generated always as identity primary key, note text);
     create table items (order_id int references orders, sku text)`,
  );
  const yaml = `
table: orders
source: { type: upload, format: ndjson }
columns: { note: note }
nested: [{ from: items, table: items, foreign_key: { order_id: id }, columns: { sku: sku } }]
`;
  const run = await imported(shop, lines([{ note: "a", items: [{ sku: "x" }] }]), yaml);
  const found = await verify(shop.ledger, run.id);
  assert.equal(counted(found), "1 as_written");
  assert.match(
    found.remarks.join("\n"),
    /orders has no key that the file fills, .* of items belong/u,
  );
});
