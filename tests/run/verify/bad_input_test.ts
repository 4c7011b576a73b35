import assert from "node:assert/strict";
import { interrupt } from "../step_by_step.ts";
import { type Workshop, workshop } from "../importing.ts";
import { counted, verify } from "./verifying.ts";

const TABLE = "create table items (id int primary key, v int, note text)";
const UPSERT = "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 2 }\n";
const FILE = "id,v,note\n1,1,a\n2,2,b\n3,3,c\n4,4,d\n5,5,e\n";

async function imported(shop: Workshop, definition = UPSERT, content = FILE): Promise<number> {
  return (await shop.drive(await shop.create(definition, content))).id;
}

Deno.test("verify refuses a dry run, a file that is gone or elsewhere, and an unknown run", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const dry = await shop.drive(await shop.create(UPSERT, FILE, { dryRun: true }));
  await assert.rejects(verify(ledger, dry.id), /it was a dry run, which leaves nothing/);
  await assert.rejects(verify(ledger, 99), /There is no run 99/);
  const id = await imported(shop);
  await session.query(
    `update ingest.runs set source = jsonb_set(source, '{host}', '"elsewhere"') where id = ${id}`,
  );
  await assert.rejects(verify(ledger, id), /is on elsewhere. Verify it there/);
  const gone = await imported(shop);
  await Deno.remove(shop.file);
  await assert.rejects(verify(ledger, gone), /data.csv is gone. Put it back as it was/);
});

Deno.test("verify refuses a run that was taken back, and what took it back", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const id = await imported(shop);
  const [undo] = await session.query<{ id: number }>(
    `insert into ingest.runs (kind, undoes_run_id, importer, definition, source, status, completed_at)
     select 'undo', id, importer, definition, source, 'completed', now()
     from ingest.runs where id = ${id} returning id`,
  );
  await assert.rejects(verify(ledger, undo.id), /it is an undo, which has no rows of its own/);
  assert.equal(counted(await verify(ledger, id)), "5 as_written");
  await session.query(
    `insert into ingest.batches (run_id, number, first_row, last_row, first_line, byte_start,
       byte_end, row_count, deleted, status, completed_at)
     values (${undo.id}, 1, 1, 5, 1, 0, 1, 5, 5, 'completed', now())`,
  );
  await assert.rejects(verify(ledger, id), new RegExp(`run ${undo.id} has taken back what it did`));
});

Deno.test("where the file has changed since, its rows are not compared, and the others are", async () => {
  await using shop = await workshop(TABLE);
  const id = await imported(shop);
  await Deno.writeTextFile(shop.file, FILE.replace("3,3,c", "3,4,c"));
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "3 as_written, 2 unreadable");
  assert.equal(found.differs, true);
  assert.match(found.remarks.join("\n"), /2 rows can't be compared, the first of them on line 4/);
  await Deno.truncate(shop.file, 10);
  assert.equal(counted(await verify(shop.ledger, id)), "5 unreadable");
});

Deno.test("of a run that has not ended, what it has loaded is compared", async () => {
  await using shop = await workshop(TABLE);
  const run = await interrupt(shop, await shop.create(UPSERT, FILE), { loaded: 2 });
  const found = await verify(shop.ledger, run.id);
  assert.equal(counted(found), "4 as_written");
  assert.equal(found.not_loaded, 1);
  const fresh = await shop.create(UPSERT, FILE);
  const nothing = await verify(shop.ledger, fresh.id);
  assert.equal(counted(nothing), "");
  assert.match(nothing.remarks.join("\n"), /is pending: only the rows that it has loaded so far/);
});

Deno.test("a table that is gone is an error, and a column that is gone is not compared", async () => {
  await using shop = await workshop(TABLE);
  const explicit = `${UPSERT}columns: { id: id, v: v, note: note }\n`;
  const [auto, mapped] = [await imported(shop), await imported(shop, explicit)];
  await shop.session.query("alter table items drop column note");
  for (const id of [auto, mapped]) {
    const found = await verify(shop.ledger, id);
    assert.equal(counted(found), "5 as_written");
    assert.match(found.remarks.join("\n"), /no longer has column note, which the run has filled/);
  }
  await shop.session.query("alter table items rename to things");
  await assert.rejects(verify(shop.ledger, auto), /items/);
});

Deno.test("rows that the table could no longer hold have changed, with the reason", async () => {
  await using shop = await workshop(TABLE);
  const id = await imported(shop);
  await shop.session.query(
    "alter table items alter note type int using nullif(ascii(note), ascii('b'))",
  );
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "5 changed");
  assert.match(found.samples[0].message ?? "", /integer|number/);
});

Deno.test("rows that failed without being logged are set aside, as many as there were", async () => {
  await using shop = await workshop(TABLE.replace("v int", "v int check (v <> 3)"));
  const unlogged = UPSERT.replace("{", "{ log_rows: none,");
  const id = await imported(shop, unlogged, FILE.replace("5,5", "5,x"));
  const found = await verify(shop.ledger, id);
  assert.equal(counted(found), "3 as_written, 2 set_aside");
  assert.match(found.remarks.join("\n"), /1 row failed and is no longer in the log/);
});
