/** The undo of runs that write to several tables: links of their rows, and rows that are in them. */
import assert from "node:assert/strict";
import { retry } from "../retrying.ts";
import { definitionOf, everything, lines, ROWS, several } from "./several_tables.ts";
import { groups, imported, makeUndo, receiptOf, undo } from "./undoing.ts";

Deno.test("links and children at every depth go with their rows, and old ones come back", async () => {
  await using shop = await several();
  const before = await everything(shop);
  const run = await imported(shop, lines(ROWS), definitionOf());
  assert.equal(run.status, "completed", JSON.stringify(run.error));
  const after = await everything(shop);
  assert.notDeepEqual(after, before);
  const counts = "completed: deleted 9, restored 3, kept 0";
  assert.equal(await undo(shop, run, { dryRun: true }), counts);
  assert.deepEqual(await everything(shop), after, "a dry run changes nothing");
  const made = await makeUndo(shop, run);
  const { summary, warnings } = await shop.drive(made);
  assert.deepEqual(warnings, []);
  assert.equal(await receiptOf(shop, made), counts);
  assert.deepEqual(await everything(shop), before);
  assert.deepEqual(summary?.related, {
    orders: { deleted: 2, restored: 1, kept: 0 },
    items: { deleted: 2, restored: 1, kept: 0 },
    discounts: { deleted: 3, restored: 0, kept: 0 },
    order_tags: { deleted: 2, restored: 1, kept: 0 },
  });
  const left = await shop.session.query("select from ingest.deleted_rows");
  assert.equal(left.length, 0);
});

Deno.test("a child that somebody has changed is kept, and so is its parent, and each says why", async () => {
  await using shop = await several();
  const run = await imported(shop, lines(ROWS), definitionOf());
  await shop.session.query(
    `update discounts set code = 'mine' where code = 'b'; update items set qty = 99 where line = 1 and order_id = 1`,
  );
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 6, restored 2, kept 4");
  assert.deepEqual(await groups(shop), [
    "1 x discounts: The row was changed or deleted since the run wrote it. (changed_since)",
    "1 x items: A row of discounts refers to this row (discounts_item_id_fkey). (referenced)",
    "1 x items: The row was changed since the run wrote it. (changed_since)",
    "1 x orders: A row of items refers to this row (items_order_id_fkey). (referenced)",
  ]);
  assert.deepEqual(await everything(shop, ["orders", "items", "discounts"]), [
    "orders (1,X,old)",
    "orders (2,Y,)",
    "items (1,1,1,99)",
    "items (2,1,9,90)",
    "items (4,2,1,1)",
    "discounts (1,kept)",
    "discounts (4,mine)",
  ]);
  await shop.session.query("delete from discounts where code = 'mine'");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 2, restored 0, kept 2");
});

Deno.test("children and links that somebody has changed are listed with their values and their table", async () => {
  await using shop = await several();
  const rows = [
    { no: "Y", tags: ["red", "blue"], items: [{ line: 1, qty: 1 }, { line: 2, qty: 2 }] },
    { no: "Z", tags: ["green"], items: [{ line: 1, qty: 3, discounts: [{ code: "a" }] }] },
    { no: "Q", items: [{ line: 1, qty: 4 }] },
  ];
  const run = await imported(shop, lines(rows), definitionOf({ options: "batch_rows: 1" }));
  await shop.session.query(
    `update items set qty = 50 where qty in (2, 3); delete from items where qty = 4;
     update order_tags set added_by = 'me' where tag = 2 and o <> 1;
     update discounts set code = 'mine' where code = 'a'`,
  );
  assert.match(await undo(shop, run), /^completed_with_errors: /);
  const listed = await shop.session.query<{ row: string }>(
    `select concat_ws(' ', errors ->> 'message', data ->> 'line', data ->> 'qty', data ->> 'tag',
       data ->> 'added_by') as row
     from ingest.rows where run_id = (select max(id) from ingest.runs)
       and errors #>> '{details,0,code}' = 'changed_since' order by 1`,
  );
  assert.deepEqual(listed.map(({ row }) => row.replace(/\s+/gu, " ").trim()), [
    "items: The row was changed since the run wrote it. 1 50",
    "items: The row was changed since the run wrote it. 2 50",
    "order_tags: The row was changed since the run wrote it. 2 me",
  ]);
  const why = (await groups(shop)).filter((group) => group.endsWith("(changed_since)"));
  assert.deepEqual(why, [
    // No key finds it.
    "1 x discounts: The row was changed or deleted since the run wrote it. (changed_since)",
    "1 x items: The row was changed or deleted since the run wrote it. (changed_since)",
    "2 x items: The row was changed since the run wrote it. (changed_since)",
    "1 x order_tags: The row was changed since the run wrote it. (changed_since)",
  ]);
});

Deno.test("links and children that were there before the run are not taken for its own", async () => {
  await using shop = await several();
  const rows = [
    { no: "X", tags: ["red", "green"], items: [{ line: 1, qty: 10 }, { line: 3, qty: 3 }] },
  ];
  const run = await imported(shop, lines(rows), definitionOf({ sync: "add", options: "" }));
  await shop.session.query(
    `update items set qty = 77 where order_id = 1; update order_tags set added_by = 'me'`,
  );
  // Which of them the run has created, nobody knows any more.
  await makeUndo(shop, run).then(
    (made) => shop.drive(made),
    (error: unknown) => assert.match(String(error), /none of .* that it wrote/u),
  );
  const listed = await shop.session.query(
    `select from ingest.rows where run_id > ${run.id} and errors ->> 'message' ~ 'order_tags|items'`,
  );
  assert.equal(listed.length, 0);
});

Deno.test("what the run itself adds and removes again leaves no trace, and is not missed", async () => {
  await using shop = await several();
  const before = await everything(shop);
  const rows = [
    { no: "A", tags: ["red"], items: [{ line: 1, qty: 1 }] },
    { no: "A", tags: ["blue"], items: [{ line: 1, qty: 2 }, { line: 1, qty: 3 }] },
    // The one that is there is updated twice, beside one that is created.
    { no: "X", tags: ["green"], items: [{ line: 2 }, { line: 1, qty: 2 }, { line: 1, qty: 3 }] },
    { no: "X", tags: [] },
    { no: "A", tags: ["red"], items: [{ line: 2, qty: 2 }] },
  ];
  for (const batch of [1, 2, 100]) {
    const definition = definitionOf({ options: `undo: updates, batch_rows: ${batch}` });
    const run = await imported(shop, lines(rows), definition);
    assert.equal(run.status, "completed", JSON.stringify(run.error));
    const receipt = await undo(shop, run);
    assert.match(receipt, /^completed: .* kept 0$/, String(await groups(shop)));
    assert.deepEqual(await everything(shop), before, `batches of ${batch}`);
  }
});

Deno.test("of two runs, the later one is taken back first, and its links and children belong to the earlier one again", async () => {
  await using shop = await several();
  const before = await everything(shop);
  const first = await imported(shop, lines(ROWS), definitionOf());
  const between = await everything(shop);
  const second = await imported(
    shop,
    lines([
      { no: "X", note: "later", tags: ["blue"], items: [{ line: 2, qty: 7 }, { line: 1, qty: 8 }] },
      { no: "Y", note: "later", tags: [] },
    ]),
    definitionOf(),
  );
  const early = await makeUndo(shop, first, true);
  assert.match((await shop.drive(early)).warnings.join(" "), new RegExp(`Run ${second.id} \\(`));
  assert.match(await receiptOf(shop, early), /^completed_with_errors: /);
  assert.match(await undo(shop, second), /^completed: .* kept 0$/);
  assert.deepEqual(await everything(shop), between);
  assert.match(await undo(shop, first), /^completed: .* kept 0$/, String(await groups(shop)));
  assert.deepEqual(await everything(shop), before);
});

Deno.test("a later run that has only removed links is named before they are missed", async () => {
  await using shop = await several();
  const first = await imported(shop, lines([{ no: "Y", tags: ["red"] }]), definitionOf());
  const later = await imported(shop, lines([{ no: "Y", tags: [] }]), definitionOf());
  const { warnings } = await shop.drive(await makeUndo(shop, first));
  assert.deepEqual(warnings.map((text) => text.split(" since. ")[0]), [
    `Run ${later.id} (1 of these rows) has written to order_tags`,
  ]);
  assert.deepEqual(await groups(shop), [
    "1 x order_tags: The row was changed or deleted since the run wrote it. (changed_since)",
  ]);
});

Deno.test("a retry of failed rows is taken back with its run, with its links and children", async () => {
  await using shop = await several(
    "alter table items add constraint few check (qty < 50 or qty = 90);",
  );
  const before = await everything(shop);
  const bad = {
    no: "B",
    tags: ["red"],
    items: [{ line: 1, qty: 3, discounts: [{ code: "d" }] }, { line: 2, qty: 77 }],
  };
  const run = await imported(shop, lines([...ROWS, bad]), definitionOf());
  assert.equal(run.status, "completed_with_errors");
  await shop.session.query("alter table items drop constraint few");
  const again = await retry(shop, run.id);
  assert.equal(again.status, "completed", JSON.stringify(again.error));
  assert.ok((await everything(shop)).some((row) => row.endsWith("77)")));
  assert.match(await undo(shop, run), /^completed: deleted 14, restored 3, kept 0$/);
  assert.deepEqual(await everything(shop), before);
});
