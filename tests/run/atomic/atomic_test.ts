/** `options.transaction: atomic`: a row that fails takes the other rows of its batch with it. */
import assert from "node:assert/strict";
import { readProgress } from "../../../src/ledger/runs/progress.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { exported, retry, unresolved } from "../retrying.ts";

const ATOMIC = "options: {transaction: atomic, batch_rows: 10}\n";

function lines(rows: number, row: (i: number) => string): string {
  return Array.from({ length: rows }, (_, i) => row(i)).join("\n") + "\n";
}

async function counts({ ledger }: Workshop, run: Run) {
  const { created, updated, skipped, failed } = await readProgress(ledger, run.id);
  return { created, updated, skipped, failed };
}

/** By code: how many rows failed with it. */
async function codes({ session }: Workshop, run: Run): Promise<Record<string, number>> {
  const found = await session.query<{ code: string; rows: number }>(
    `select errors #>> '{details,0,code}' as code, count(*) as rows from ingest.rows
     where run_id = $1 and status = 'failed' group by 1 order by 1`,
    [run.id],
  );
  return Object.fromEntries(found.map(({ code, rows }) => [code, rows]));
}

/** A dry run, then the run itself; they have to agree row for row. */
async function both(shop: Workshop, definition: string, file: string): Promise<Run> {
  const outcomes = (run: Run) =>
    shop.session.query(
      "select row_number, status, errors from ingest.rows where run_id = $1 order by 1",
      [run.id],
    );
  const dry = await shop.drive(await shop.create(definition, file, { dryRun: true }));
  const run = await shop.drive(await shop.create(definition, file));
  assert.deepEqual(await counts(shop, dry), await counts(shop, run));
  assert.deepEqual(await outcomes(dry), await outcomes(run));
  const { seconds: _, ...predicted } = dry.summary ?? {};
  const { seconds: __, ...summary } = run.summary ?? {};
  assert.deepEqual(predicted, summary);
  return run;
}

Deno.test("a row that our checks or the table refuse takes its batch with it, and no other", async () => {
  await using shop = await workshop("create table t (id int primary key, n int check (n <> 35))");
  const file = `id,n\n${lines(50, (i) => `${i},${i === 12 ? "x" : i}`)}`;
  const run = await both(shop, `table: t\nkey: id\n${ATOMIC}`, file);
  assert.equal(run.status, "completed_with_errors");
  assert.deepEqual(await counts(shop, run), { created: 30, updated: 0, skipped: 0, failed: 20 });
  assert.deepEqual(await codes(shop, run), { batch_rolled_back: 18, check: 1, type: 1 });
  assert.equal(
    await count(shop.session, "t where id between 10 and 19 or id >= 30 and id < 40"),
    0,
  );
});

Deno.test("a row that was rolled back says which row was at fault", async () => {
  await using shop = await workshop("create table t (id int primary key)");
  const run = await shop.drive(
    await shop.create(`table: t\n${ATOMIC}`, "id\n1\nx\n3\ny\n"),
  );
  const [{ errors }] = await shop.session.query<{ errors: object }>(
    "select errors from ingest.rows where run_id = $1 and row_number = 3",
    [run.id],
  );
  assert.deepEqual(errors, {
    message: "Another row of the batch failed, so none of it was loaded.",
    validation: {},
    details: [{
      code: "batch_rolled_back",
      column: null,
      value: null,
      hint: "Row 2 and another one failed.",
    }],
  });
});

Deno.test("a row that is skipped is no failure, but is one if its batch is rolled back", async () => {
  await using shop = await workshop(
    "create table t (id int primary key, n int check (n > 0)); insert into t values (3, 1), (13, 1)",
  );
  const file = `id,n\n${lines(20, (i) => `${i},${i === 17 ? 0 : 1}`)}`;
  const run = await both(shop, `table: t\nkey: id\n${ATOMIC}`, file);
  assert.deepEqual(await counts(shop, run), { created: 9, updated: 0, skipped: 1, failed: 10 });
});

Deno.test("with on_duplicate: fail, a key that is there is a failure like any other", async () => {
  await using shop = await workshop(
    "create table t (id int primary key); insert into t values (3)",
  );
  const definition = `table: t\nkey: id\non_duplicate: fail\n${ATOMIC}`;
  const run = await both(shop, definition, `id\n${lines(20, (i) => `${i}`)}`);
  assert.deepEqual(await counts(shop, run), { created: 10, updated: 0, skipped: 0, failed: 10 });
  assert.deepEqual(await codes(shop, run), { batch_rolled_back: 9, duplicate: 1 });
});

Deno.test("a later row with the same key doesn't depend on a batch that was rolled back", async () => {
  await using shop = await workshop("create table t (id int primary key, n int check (n > 0))");
  // Rows 1 to 10 are a batch. The last row repeats the key of the first, and is in a batch of its own.
  const file = `id,n\n${lines(20, (i) => `${i},${i === 5 ? 0 : 1}`)}0,7\n`;
  const run = await both(shop, `table: t\nkey: id\non_duplicate: update\n${ATOMIC}`, file);
  assert.deepEqual(await counts(shop, run), { created: 11, updated: 0, skipped: 0, failed: 10 });
  assert.equal(await count(shop.session, "t where id = 0 and n = 7"), 1);
});

Deno.test("what was updated has its old values again", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, n int check (n > 0));
     insert into t select i, 1 from generate_series(0, 19) i`,
  );
  const definition = `table: t\nkey: id\non_duplicate: update\n
options: {transaction: atomic, batch_rows: 10, undo: updates}`;
  const file = `id,n\n${lines(20, (i) => `${i},${i === 5 ? 0 : 2}`)}`;
  const run = await both(shop, definition, file);
  assert.deepEqual(await counts(shop, run), { created: 0, updated: 10, skipped: 0, failed: 10 });
  assert.equal(await count(shop.session, "t where n = 1 and id < 10"), 10);
  assert.equal(await count(shop.session, "ingest.undo_rows"), 10);
});

Deno.test("a constraint that the table defers is checked with the batch", async () => {
  await using shop = await workshop(
    `create table p (id int primary key); insert into p select generate_series(1, 15);
     create table t (id int primary key, p int references p deferrable initially deferred)`,
  );
  const file = `id,p\n${lines(20, (i) => `${i + 1},${i + 1}`)}`;
  const run = await both(shop, `table: t\nkey: id\n${ATOMIC}`, file);
  assert.deepEqual(await counts(shop, run), { created: 10, updated: 0, skipped: 0, failed: 10 });
  assert.deepEqual(await codes(shop, run), { batch_rolled_back: 5, foreign_key: 5 });
});

Deno.test("rows that were added to a look-up table are taken back with the batch", async () => {
  await using shop = await workshop(
    `create table c (id int generated always as identity primary key, name text unique);
     create table t (id int primary key, c int references c)`,
  );
  const definition = `table: t\nkey: id
columns: {id: id, c: {from: c, lookup: {table: c, match: name, create: true}}}\n${ATOMIC}`;
  // "both" is needed by a batch that is rolled back, and by one that is not.
  const name = (i: number) => i % 10 === 0 ? "both" : `c${i}`;
  const file = `id,c\n${lines(20, (i) => `${i === 5 ? "x" : i},${name(i)}`)}`;
  const run = await both(shop, definition, file);
  assert.deepEqual(run.summary?.added, { c: 10 });
  assert.equal(await count(shop.session, "c"), 10);
  assert.equal(await count(shop.session, "t join c on c.id = t.c where name = 'both'"), 1);
});

Deno.test("rows of pivot tables are taken back with the batch", async () => {
  await using shop = await workshop(
    `create table tags (id int generated always as identity primary key, name text unique);
     create table t (id int primary key);
     create table t_tags (t_id int references t, tag_id int references tags,
       primary key (t_id, tag_id))`,
  );
  const definition = `table: t\nkey: id\ncolumns: {id: id}
many:
  - from: tags
    separator: "|"
    lookup: { table: tags, match: name, create: true }
    pivot: { table: t_tags, local: t_id, foreign: tag_id }\n${ATOMIC}`;
  const file = `id,tags\n${lines(20, (i) => `${i === 5 ? "x" : i},a|t${i % 3}`)}`;
  const run = await both(shop, definition, file);
  assert.deepEqual(await counts(shop, run), { created: 10, updated: 0, skipped: 0, failed: 10 });
  assert.equal(await count(shop.session, "t_tags"), 20);
  assert.equal(await count(shop.session, "t_tags where t_id < 10"), 0);
  assert.deepEqual(run.summary?.added, { tags: 4 });
});

Deno.test("what triggers did is taken back with the batch", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, n int check (n > 0));
     create table taken (id int);
     create function take() returns trigger language plpgsql as $$ begin
       if new.n < 6 then return new; end if; insert into taken values (new.id); return null; end $$;
     create trigger take before insert on t for each row execute function take()`,
  );
  const file = `id,n\n${lines(20, (i) => `${i},${i === 3 ? 0 : 1 + i % 10}`)}`;
  const run = await both(shop, `table: t\nkey: id\n${ATOMIC}`, file);
  assert.deepEqual(await counts(shop, run), { created: 5, updated: 0, skipped: 5, failed: 10 });
  assert.equal(await count(shop.session, "taken"), 5);
});

Deno.test("children of a batch that was rolled back fail, whatever batch they are in", async () => {
  await using shop = await workshop(
    "create table t (id int primary key, parent int references t, n int check (n > 0))",
  );
  // The parents 0 to 9 are a batch with a wrong row; 10 to 19 come before their parents 20 to 29.
  const row = (i: number) =>
    `${i},${i < 10 ? "" : i < 20 ? i + 10 : i < 30 ? "" : i - 30},${i === 4 ? 0 : 1}`;
  const file = `id,parent,n\n${lines(40, row)}`;
  const run = await both(shop, `table: t\nkey: id\n${ATOMIC}`, file);
  assert.deepEqual(await counts(shop, run), { created: 20, updated: 0, skipped: 0, failed: 20 });
  assert.deepEqual(await codes(shop, run), { batch_rolled_back: 9, check: 1, foreign_key: 10 });
});

Deno.test("max_errors counts rows that were rolled back", async () => {
  await using shop = await workshop("create table t (id int primary key)");
  const definition = "table: t\noptions: {transaction: atomic, batch_rows: 10, max_errors: 15}";
  const file = `id\n${lines(100, (i) => i === 1 || i === 11 ? "x" : String(i))}`;
  const run = await shop.drive(await shop.create(definition, file), 1);
  assert.equal(run.status, "failed");
  assert.equal(run.error?.code, "max_errors");
});

Deno.test("once the wrong row is corrected, a retry loads it with its batch", async () => {
  await using shop = await workshop("create table items (id int primary key, v text not null)");
  const file = `id,v\n${lines(30, (i) => `${i === 12 ? "twelve" : i},${i}`)}`;
  const run = await both(shop, `table: items\nkey: id\n${ATOMIC}`, file);
  assert.equal(await unresolved(shop, run.id), 10);
  // Nothing has changed, so all of it is rolled back once more.
  const again = await retry(shop, run.id);
  assert.deepEqual(await counts(shop, again), { created: 0, updated: 0, skipped: 0, failed: 10 });
  assert.deepEqual(await codes(shop, again), { batch_rolled_back: 9, type: 1 });
  const corrected = (await exported(shop, run)).replace("twelve", "12");
  const last = await retry(shop, run.id, { file: corrected });
  assert.deepEqual(await counts(shop, last), { created: 10, updated: 0, skipped: 0, failed: 0 });
  assert.equal(await unresolved(shop, run.id), 0);
  assert.equal(await count(shop.session, "items"), 30);
});

Deno.test("rows that were rolled back can be retried without the row that was at fault", async () => {
  await using shop = await workshop("create table items (id int primary key, v text)");
  const file = `id,v\n${lines(30, (i) => `${i === 12 ? "twelve" : i},${i}`)}`;
  const run = await shop.drive(await shop.create(`table: items\nkey: id\n${ATOMIC}`, file));
  const only = { groups: [], codes: ["batch_rolled_back" as const], columns: [] };
  const second = await retry(shop, run.id, { only });
  assert.deepEqual(await counts(shop, second), { created: 9, updated: 0, skipped: 0, failed: 0 });
  assert.equal(await unresolved(shop, run.id), 1);
});
