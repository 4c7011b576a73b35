/** `options.transaction: run`: all rows of a file are loaded, or none. */
import assert from "node:assert/strict";
import { readProgress } from "../../../src/ledger/runs/progress.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { count, type Workshop, workshop } from "../importing.ts";

const WHOLE = "options: {transaction: run, batch_rows: 20}\n";

function lines(rows: number, row: (i: number) => string): string {
  return Array.from({ length: rows }, (_, i) => row(i)).join("\n");
}

async function counts({ ledger }: Workshop, run: Run) {
  const { created, updated, skipped, failed } = await readProgress(ledger, run.id);
  return { created, updated, skipped, failed };
}

async function failedRows({ session }: Workshop, run: Run): Promise<readonly number[]> {
  const rows = await session.query<{ row_number: number }>(
    "select row_number from ingest.rows where run_id = $1 and status = 'failed' order by 1",
    [run.id],
  );
  return rows.map(({ row_number }) => row_number);
}

async function events({ session }: Workshop, run: Run): Promise<readonly string[]> {
  const rows = await session.query<{ type: string }>(
    "select type from ingest.run_events where run_id = $1 order by id",
    [run.id],
  );
  return rows.map(({ type }) => type);
}

Deno.test("a file without mistakes is loaded by one transaction", async () => {
  await using shop = await workshop("create table t (id int primary key, v text)");
  const run = await shop.create(
    `table: t\nkey: id\n${WHOLE}`,
    `id,v\n${lines(100, (i) => `${i},x`)}`,
  );
  const ended = await shop.drive(run);
  assert.equal(ended.status, "completed");
  assert.deepEqual(await counts(shop, run), { created: 100, updated: 0, skipped: 0, failed: 0 });
  assert.deepEqual(await events(shop, run), [
    "created",
    "started",
    "planned",
    "loading all rows",
    "completed",
  ]);
});

Deno.test("one row that fails keeps all others out, and is the only one that is named", async () => {
  await using shop = await workshop("create table t (id int primary key, n int check (n < 90))");
  const run = await shop.create(
    `table: t\nkey: id\n${WHOLE}`,
    `id,n\n${lines(100, (i) => `${i},${i}`)}\nx,1\n`,
  );
  const ended = await shop.drive(run);
  assert.equal(ended.status, "failed");
  assert.equal(ended.error?.code, "rows_failed");
  assert.match(ended.error!.message, /^11 rows failed, so none was loaded/);
  assert.equal(await count(shop.session, "t"), 0);
  assert.deepEqual(await counts(shop, run), { created: 0, updated: 0, skipped: 0, failed: 11 });
  assert.deepEqual(await failedRows(shop, run), [91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101]);
});

Deno.test("rows that repeat keys are applied in file order", async () => {
  await using shop = await workshop(
    "create table t (id int primary key, v text); insert into t values (1, 'old'), (500, 'old')",
  );
  const definition = `table: t\nkey: id\non_duplicate: update\n${WHOLE}`;
  const run = await shop.create(definition, `id,v\n${lines(300, (i) => `${i % 70},v${i}`)}`);
  const ended = await shop.drive(run);
  assert.equal(ended.status, "completed");
  const rows = await shop.session.query<{ id: number; v: string }>("select * from t order by id");
  assert.deepEqual(rows.find(({ id }) => id === 3), { id: 3, v: "v283" });
  assert.equal(rows.length, 71);
  const { created, updated } = await counts(shop, run);
  assert.deepEqual({ created, updated }, { created: 69, updated: 231 });
});

Deno.test("a constraint that is deferred may be broken until all rows are there", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, place int unique deferrable initially deferred);
     insert into t select i, i from generate_series(1, 100) i`,
  );
  const definition = `table: t\nkey: id\non_duplicate: update\n${WHOLE}`;
  const run = await shop.create(
    definition,
    `id,place\n${lines(100, (i) => `${i + 1},${100 - i}`)}`,
  );
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "t where place = 101 - id"), 100);
});

Deno.test("rows that break a deferred constraint at the very end are named, and nothing is loaded", async () => {
  await using shop = await workshop(
    `create table p (id int primary key); insert into p select generate_series(1, 95);
     create table t (id int primary key, p int references p deferrable initially deferred)`,
  );
  const definition = `table: t\nkey: id\n${WHOLE}`;
  const run = await shop.create(definition, `id,p\n${lines(100, (i) => `${i + 1},${i + 1}`)}`);
  const ended = await shop.drive(run);
  assert.equal(ended.error?.code, "rows_failed");
  assert.deepEqual(await failedRows(shop, run), [96, 97, 98, 99, 100]);
  assert.equal(await count(shop.session, "t"), 0);
});

Deno.test("a rule that holds only for all rows together is checked when all are there", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, n int);
     create function balanced() returns trigger language plpgsql as $$ begin
       if (select sum(n) from t) <> 0 then raise 'not balanced'; end if; return null; end $$;
     create constraint trigger balanced after insert on t deferrable initially deferred
       for each row execute function balanced()`,
  );
  const definition = `table: t\nkey: id\n${WHOLE}`;
  const wrong = `id,n\n${lines(99, (i) => `${i},${i < 50 ? 1 : -1}`)}`;
  const failed = await shop.drive(await shop.create(definition, wrong));
  assert.equal(failed.error?.code, "rows_failed");
  assert.equal(await count(shop.session, "t"), 0);
  const right = await shop.create(definition, `${wrong}\n99,-1`);
  assert.equal((await shop.drive(right)).status, "completed");
  assert.equal(await count(shop.session, "t"), 100);
});

Deno.test("once the table takes the rows, the run can be resumed with all of them", async () => {
  await using shop = await workshop(
    `create table p (id int primary key); insert into p select generate_series(1, 58);
     create table t (id int primary key, p int references p)`,
  );
  const definition = `table: t\nkey: id\non_duplicate: update\n${WHOLE}`;
  const file = `id,p\n${lines(90, (i) => `${1 + i % 80},${1 + i % 60}`)}`;
  const run = await shop.drive(await shop.create(definition, file));
  assert.equal(run.error?.code, "rows_failed");
  assert.deepEqual(await failedRows(shop, run), [59, 60]);
  await shop.session.query("insert into p values (59), (60)");
  await reopenForResume(shop.ledger, run.id, null, undefined);
  const resumed = await shop.drive(run);
  assert.equal(resumed.status, "completed");
  assert.deepEqual(await counts(shop, run), { created: 80, updated: 10, skipped: 0, failed: 0 });
  assert.deepEqual(await failedRows(shop, run), []);
});

Deno.test("a dry run counts what the run then does, and says that nothing would be loaded", async () => {
  await using shop = await workshop("create table t (id int primary key, n int check (n < 95))");
  for (const rows of [90, 100]) {
    const file = `id,n\n${lines(rows, (i) => `${i},${i}`)}`;
    const definition = `table: t\nkey: id\n${WHOLE}`;
    const dry = await shop.drive(await shop.create(definition, file, { dryRun: true }));
    assert.equal(await count(shop.session, "t"), 0);
    const real = await shop.drive(await shop.create(definition, file));
    assert.deepEqual(await counts(shop, dry), await counts(shop, real));
    assert.equal(dry.status, real.status);
    assert.deepEqual(await failedRows(shop, dry), await failedRows(shop, real));
    if (rows === 100) assert.match(dry.error!.message, /none would be loaded/);
    await shop.session.query("truncate t");
  }
});

Deno.test("a table that refers to itself takes children before their parents", async () => {
  await using shop = await workshop("create table t (id int primary key, parent int references t)");
  const definition = `table: t\nkey: id\n${WHOLE}`;
  const file = `id,parent\n${lines(60, (i) => `${i},${i === 59 ? "" : i + 1}`)}`;
  const dry = await shop.drive(await shop.create(definition, file, { dryRun: true }));
  assert.equal(dry.status, "completed");
  const run = await shop.drive(await shop.create(definition, file));
  assert.equal(run.status, "completed");
  assert.equal(await count(shop.session, "t"), 60);
});

Deno.test("an empty file is loaded", async () => {
  await using shop = await workshop("create table t (id int primary key)");
  const run = await shop.drive(await shop.create(`table: t\n${WHOLE}`, "id\n"));
  assert.equal(run.status, "completed");
});
