/** Rows that the file doesn't have, and what belongs to them in other tables. */
import assert from "node:assert/strict";
import { imported, undo } from "../undo/undoing.ts";
import { everything, lines, several } from "../undo/several_tables.ts";

function definitionOf(onAbsent: string): string {
  return `
table: orders
source: { type: upload, format: ndjson }
key: [no]
on_duplicate: update
on_absent: ${onAbsent}
columns: { no: no, note: note }
many:
  - { from: tags, lookup: { table: tags, match: name }, sync: replace,
      pivot: { table: order_tags, local: o, foreign: tag, values: { added_by: us } } }
nested:
  - { from: items, table: items, foreign_key: { order_id: id }, key: [order_id, line],
      columns: { line: line } }
options: { transaction: run, max_absent: 100%, undo: updates }
`;
}

/** X has items and links, of others. Nobody knows what belongs to P and Q. */
const MORE = `insert into orders (no) values ('P'), ('Q');
  alter table items drop constraint items_order_id_fkey;
  alter table order_tags drop constraint order_tags_o_fkey;`;

const FILE = lines([{ no: "X" }, { no: "N", tags: ["red"], items: [{ line: 1 }] }]);

Deno.test("a row that the file doesn't have is deleted if nothing belongs to it, and an undo puts it back", async () => {
  await using shop = await several(MORE);
  const before = await everything(shop);
  const run = await imported(shop, FILE, definitionOf("delete"));
  assert.deepEqual(run.absent, { in_scope: 3, absent: 2, deleted: 2 });
  assert.deepEqual(await everything(shop, ["orders"]), ["orders (1,X,old)", "orders (4,N,)"]);
  // Links of another kind belong to nobody here.
  assert.equal(await undo(shop, run), "completed: deleted 3, restored 2, kept 0");
  assert.deepEqual(await everything(shop), before);
});

for (
  const [what, sql] of [
    ["items", "insert into items (order_id, line) values (2, 1), (2, 2)"],
    ["order_tags", "insert into order_tags (o, tag, added_by) values (2, 1, 'us'), (2, 2, 'us')"],
  ]
) {
  Deno.test(`a row to which rows of ${what} belong is not deleted, whether or not a foreign key says so`, async () => {
    await using shop = await several(MORE);
    await shop.session.query(sql);
    const before = await everything(shop);
    const run = await imported(shop, FILE, definitionOf("delete"));
    assert.deepEqual([run.status, run.error?.code, run.error?.message], [
      "failed",
      "absent_refused",
      "2 rows of public.orders are not in the file, and can't be deleted: 2 rows of " +
      `${what} belong to them. Nothing was loaded. See to those rows first, or mark absent rows ` +
      "instead of deleting them (on_absent: {mark: …}).",
    ]);
    assert.deepEqual(await everything(shop), before);
    const marked = await imported(shop, FILE, definitionOf("{mark: {column: note, value: gone}}"));
    assert.deepEqual(marked.absent, { in_scope: 3, absent: 2, marked: 2 });
    assert.match(await undo(shop, marked), /^completed: .* kept 0$/);
    assert.deepEqual(await everything(shop), before);
  });
}

Deno.test("who may not see all that may belong to a row can't delete it", async () => {
  await using shop = await several(`${MORE} alter table items enable row level security;
    create role clerk; grant all on all tables in schema public to clerk;
    grant usage on all sequences in schema public to clerk;
    grant usage on schema ingest to clerk; grant all on all tables in schema ingest to clerk;
    grant usage on all sequences in schema ingest to clerk; set role clerk`);
  await assert.rejects(
    shop.create(definitionOf("delete"), FILE),
    /may not see all rows of public.items, which may belong to rows that the file doesn't have/,
  );
});
