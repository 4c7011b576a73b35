/** Undos of several tables where the tables, their code or somebody else stand in the way. */
import assert from "node:assert/strict";
import { claimBatch } from "../../../src/ledger/batches/claim_batch.ts";
import { requestCancel, startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { settle } from "../../../src/ledger/runs/settle.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { planUndo } from "../../../src/run/undo/plan_undo.ts";
import { undoBatch } from "../../../src/run/undo/undo_batch.ts";
import { definitionOf, everything, lines, ROWS, several } from "./several_tables.ts";
import { groups, imported, makeUndo, receiptOf, undo } from "./undoing.ts";

Deno.test("an undo that is cancelled between two tables is resumed, and then all is as before", async () => {
  await using shop = await several();
  const { ledger } = shop;
  const before = await everything(shop);
  const run = await imported(shop, lines(ROWS), definitionOf());
  const made = await makeUndo(shop, run);
  await startRun(ledger, made.id);
  assert.equal(await planUndo(ledger, made), "planned");
  const done: number[] = [];
  for (;;) {
    const batch = await claimBatch(ledger, "fresh", "test", { run: made.id });
    if (batch === null || done.length === 4) break;
    assert.equal(await undoBatch(ledger, batch), "done");
    done.push(batch.relation!);
  }
  await requestCancel(ledger, made.id, "tester");
  await settle(ledger, made.id, { rows: 1, bytes: 1 });
  assert.equal((await requireRun(ledger, made.id)).status, "cancelled");
  const half = await everything(shop);
  assert.ok(half.includes("orders (2,Y,)") && !half.includes("discounts (3,b)"), half.join("\n"));
  const resumed = await reopenForResume(ledger, made.id, "tester", undefined);
  const end = await shop.drive(resumed);
  assert.equal(await receiptOf(shop, end), "completed: deleted 9, restored 3, kept 0");
  assert.deepEqual(await everything(shop), before);
});

Deno.test("links that somebody has added again, or whose row is gone, are not put back, and it says why", async () => {
  await using shop = await several(
    "insert into orders (no) values ('W'); alter table orders add n int;",
  );
  await shop.session.query("insert into order_tags values (2, 3, 'them')");
  const rows = [{ no: "X", tags: [] }, { no: "W", tags: [] }];
  const run = await imported(shop, lines(rows), definitionOf());
  assert.deepEqual(run.summary?.related, { order_tags: { added: 0, removed: 3 } });
  await shop.session.query(
    "insert into order_tags values (1, 2, 'again'); delete from orders where no = 'W'",
  );
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 0, restored 1, kept 2");
  const said = await groups(shop);
  assert.match(
    said.join("\n"),
    /1 x order_tags: Postgres refuses .*duplicate key.*\n1 x order_tags: Postgres refuses .*foreign key/u,
  );
  assert.deepEqual(await everything(shop, ["order_tags"]), [
    "order_tags (1,1,them)",
    "order_tags (1,2,again)",
  ]);
});

Deno.test("rows of others that refer to children keep these and their rows, whatever would become of them", async () => {
  for (const action of ["cascade", "set null", "restrict"]) {
    await using shop = await several(
      `create table notes (id int primary key, item int references items on delete ${action});`,
    );
    const run = await imported(shop, lines(ROWS), definitionOf());
    await shop.session.query(
      "insert into notes select 1, id from items where order_id = (select id from orders where no = 'Y')",
    );
    const counts = "completed_with_errors: deleted 7, restored 3, kept 2";
    assert.equal(await undo(shop, run, { dryRun: true }), counts);
    assert.equal(await undo(shop, run), counts);
    assert.deepEqual(await groups(shop), [
      "1 x items: A row of notes refers to this row (notes_item_fkey). (referenced)",
      "1 x orders: A row of items refers to this row (items_order_id_fkey). (referenced)",
    ]);
    const [note] = await shop.session.query<{ item: number | null }>("select item from notes");
    assert.ok(note.item !== null, action);
  }
});

Deno.test("a row that a trigger of its children's table changes is kept; the children go", async () => {
  await using shop = await several(`
    create function total() returns trigger language plpgsql as $$ begin
      update orders set note = 'counted' where id = coalesce(new.order_id, old.order_id);
      return null; end $$;
    create trigger total after insert or delete on items for each row execute function total();`);
  const run = await imported(shop, lines(ROWS), definitionOf());
  assert.match(await undo(shop, run), /^completed_with_errors: /);
  const said = (await groups(shop)).join("\n");
  assert.match(said, /1 x orders: The row was changed or deleted since the run wrote it/);
  const left = await everything(shop);
  assert.ok(left.includes("orders (2,Y,counted)"), left.join("\n"));
  assert.ok(!left.some((row) => /^items \(\d+,2,/u.test(row)), left.join("\n"));
  assert.equal(left.filter((row) => row.startsWith("order_tags")).length, 2);
});

Deno.test("a link that a trigger has written beside the run's is not taken for the run's", async () => {
  await using shop = await several(`
    create function more() returns trigger language plpgsql as $$ begin
      insert into order_tags values (new.o, 3, 'trigger') on conflict do nothing;
      return null; end $$;
    create trigger more after insert on order_tags for each row when (new.tag = 1)
      execute function more();`);
  const rows = [{ no: "A", tags: ["red"] }, { no: "B", tags: ["blue"] }];
  const run = await imported(
    shop,
    lines(rows),
    definitionOf({ options: "undo: updates, batch_rows: 1" }),
  );
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 2, restored 0, kept 3");
  assert.match((await groups(shop)).join("\n"), /2 x order_tags: .*not_kept/u);
  const left = await everything(shop);
  assert.ok(left.some((row) => /^order_tags \(\d+,3,trigger\)$/u.test(row)), left.join("\n"));
});

Deno.test("links in partitions are kept when they are removed, and put back with their numbers", async () => {
  await using shop = await several(`
    drop table order_tags;
    create table order_tags (o int not null references orders, tag int not null, number int
      generated always as identity, doubled int generated always as (tag * 2) stored, at date)
      partition by list (tag);
    create table red partition of order_tags for values in (1);
    create table others partition of order_tags default;
    insert into order_tags (o, tag, at) values (1, 1, '2026-01-02'), (1, 2, null);`);
  const before = await everything(shop);
  const run = await imported(shop, lines([{ no: "X", tags: ["green"] }]), definitionOf());
  assert.deepEqual(run.summary?.related, { order_tags: { added: 1, removed: 2 } });
  assert.equal(await undo(shop, run), "completed: deleted 1, restored 2, kept 0");
  assert.deepEqual(await everything(shop), before);
});

Deno.test("a table that was dropped since is said to be, and the others are taken back", async () => {
  await using shop = await several();
  const run = await imported(shop, lines(ROWS), definitionOf());
  await shop.session.query("drop table discounts");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 6, restored 3, kept 3");
  assert.deepEqual(await groups(shop), [
    "3 x The table to which the run wrote the row was dropped since. (changed_since)",
  ]);
});
