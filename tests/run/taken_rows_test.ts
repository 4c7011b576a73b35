/** Whole runs into tables whose triggers put rows elsewhere and return NULL. */
import assert from "node:assert/strict";
import { reopenForResume } from "../../src/run/request/resume.ts";
import { count, workshop } from "./importing.ts";

const ROUTED = `create table t (k int, v text); create table even (like t);
  create function route() returns trigger language plpgsql as $$ begin
    if new.v = 'no' then raise 'not this one'; end if;
    if new.k % 2 = 1 then return new; end if;
    insert into even values (new.*); return null; end $$;
  create trigger route before insert on t for each row execute function route();`;

const FILE = `k,v\n${Array.from({ length: 100 }, (_, k) => `${k},v`).join("\n")}\n100,no\nx,v\n`;

Deno.test("a run says how many rows a trigger took, and leaves them where it put them", async () => {
  await using shop = await workshop(ROUTED);
  const definition = "table: t\noptions: { log_rows: all, batch_rows: 30 }\n";
  const dry = await shop.drive(await shop.create(definition, FILE, { dryRun: true }));
  assert.equal(await count(shop.session, "t"), 0);
  const run = await shop.drive(await shop.create(definition, FILE));
  assert.equal(await count(shop.session, "t"), 50);
  assert.equal(await count(shop.session, "even"), 50);
  for (const { status, warnings, summary } of [dry, run]) {
    assert.equal(status, "completed_with_errors");
    assert.deepEqual(warnings, [
      "A trigger of the t table took 50 rows: it put them elsewhere, or dropped them. " +
      "They count as skipped.",
    ]);
    assert.deepEqual(
      { ...summary, seconds: null },
      {
        processed: 102,
        created: 50,
        updated: 0,
        skipped: 50,
        failed: 2,
        untried: 0,
        seconds: null,
      },
    );
  }
  const logged = await shop.session.query<{ row: string; message: string }>(
    `select row_number || ' ' || status as row, errors ->> 'message' as message
     from ingest.rows where run_id = $1 and row_number in (1, 2) order by 1`,
    [run.id],
  );
  assert.deepEqual(logged, [
    { row: "1 skipped", message: "A trigger of the t table took this row." },
    { row: "2 created", message: null },
  ]);
});

Deno.test("a run that is resumed says how many rows a trigger took in the end", async () => {
  await using shop = await workshop(ROUTED);
  const definition = "table: t\noptions: { batch_rows: 3, max_errors: 0 }\n";
  const file = "k,v\n0,no\n2,v\n4,v\n6,v\n8,v\n10,v\n";
  const run = await shop.drive(await shop.create(definition, file), 1);
  assert.equal(run.status, "failed");
  const took = (rows: number) =>
    `A trigger of the t table took ${rows} rows: it put them elsewhere, or dropped them. ` +
    "They count as skipped.";
  assert.deepEqual(run.warnings, [took(2)]);
  await reopenForResume(shop.ledger, run.id, null, null);
  assert.deepEqual((await shop.drive(run, 1)).warnings, [took(5)]);
});

Deno.test("a row whose key comes again is judged by the table, not by a row that a trigger took", async () => {
  await using shop = await workshop(
    `${ROUTED} alter table t add unique (k);
     insert into t values (1, 'old')`,
  );
  const run = await shop.drive(
    await shop.create(
      "table: t\nkey: k\non_duplicate: fail\noptions: { log_rows: all, batch_rows: 2 }\n",
      "k,v\n1,a\n2,b\n2,c\n3,d\n3,e\n",
    ),
  );
  assert.equal(run.status, "completed_with_errors");
  const rows = await shop.session.query<{ row: string }>(
    `select concat_ws(' ', row_number, status, errors #>> '{details,0,code}') as row
     from ingest.rows where run_id = $1 order by row_number`,
    [run.id],
  );
  assert.deepEqual(rows.map(({ row }) => row), [
    "1 failed duplicate",
    "2 skipped",
    "3 skipped",
    "4 created",
    "5 failed duplicate_in_file",
  ]);
  assert.equal(await count(shop.session, "even"), 2);
});

Deno.test("a trigger may fill a NOT NULL column that the file leaves empty, or lacks", async () => {
  await using shop = await workshop(
    `create table t (k int primary key, slug text not null, note text not null);
     create function fill() returns trigger language plpgsql as $$ begin
       new.slug := coalesce(new.slug, 'slug ' || new.k);
       if new.k < 9 then new.note := coalesce(new.note, 'none'); end if;
       return new; end $$;
     create trigger fill before insert or update on t for each row execute function fill()`,
  );
  const file = "k,slug,note\n1,,\n2,a,b\n9,,\n";
  for (const definition of ["table: t\n", "table: t\nkey: k\non_duplicate: update\n"]) {
    await shop.session.query("truncate t; insert into t values (7, 'old', 'old')");
    const run = await shop.drive(await shop.create(definition, file));
    assert.equal(run.status, "completed_with_errors");
    const failed = await shop.session.query<{ code: string; number: number }>(
      `select row_number as number, errors #>> '{details,0,code}' as code
       from ingest.rows where run_id = $1`,
      [run.id],
    );
    assert.deepEqual(failed.map(({ number, code }) => [number, code]), [[3, "not_null"]]);
    assert.equal(await count(shop.session, "t where slug = 'slug 1' and note = 'none'"), 1);
  }
  const lacking = await shop.create("table: t\ncolumns: { k: id, note: n }\n", "id,n\n5,x\n");
  assert.equal((await shop.drive(lacking)).status, "completed");
  assert.equal(await count(shop.session, "t where slug = 'slug 5'"), 1);
});

Deno.test("a trigger that updates rows sees them in the file's order, without a unique index, too", async () => {
  await using shop = await workshop(
    `create table t (k int, v text);
     create function upsert() returns trigger language plpgsql as $$ begin
       update t set v = new.v where k = new.k;
       if found then return null; end if; return new; end $$;
     create trigger upsert before insert on t for each row execute function upsert()`,
  );
  const file = ["a", "b", "c"].flatMap((v) => Array.from({ length: 30 }, (_, k) => `${k},${v}\n`));
  const definition = "table: t\noptions: { batch_rows: 30 }\n";
  const run = await shop.drive(await shop.create(definition, `k,v\n${file.join("")}`));
  assert.equal(run.status, "completed");
  assert.equal(run.in_order, true);
  assert.equal(await count(shop.session, "t where v = 'c'"), 30);
  assert.equal(await count(shop.session, "t"), 30);
});
