import assert from "node:assert/strict";
import { workshop } from "./importing.ts";

const TABLES = `create sequence attempts;
  create function attempted() returns trigger language plpgsql as $$ begin
    perform nextval('attempts'); return null; end $$;
  create table t (k text primary key, v int check (v > 0));
  create trigger attempted after insert on t for each statement execute function attempted()`;

Deno.test("rows with a key that is there are decided together, however often the file has it", async () => {
  for (const duplicates of ["fail", "skip"]) {
    await using shop = await workshop(TABLES);
    // The first row of each key fails, so that another one is the first to be loaded.
    const rows = Array.from({ length: 300 }, (_, i) => `${i % 3},${i < 3 ? 0 : i}\n`);
    const run = await shop.drive(
      await shop.create(
        `table: t\nkey: k\non_duplicate: ${duplicates}\n`,
        `k,v\n${rows.join("")}`,
      ),
    );
    const { created, skipped, failed } = run.summary ?? {};
    const left = duplicates === "skip" ? [3, 294, 3] : [3, 0, 297];
    assert.deepEqual([created, skipped, failed], left);
    assert.deepEqual(
      await shop.session.query("select k, v from t order by k"),
      [{ k: "0", v: 3 }, { k: "1", v: 4 }, { k: "2", v: 5 }],
    );
    const codes = await shop.session.query(
      `select d ->> 'code' as code, count(*) as rows from ingest.rows,
         jsonb_array_elements(errors -> 'details') d where run_id = $1 group by 1 order by 1`,
      [run.id],
    );
    const repeated = duplicates === "skip" ? [] : [{ code: "duplicate_in_file", rows: 294 }];
    assert.deepEqual(codes, [{ code: "check", rows: 3 }, ...repeated]);
    const [{ attempts }] = await shop.session.query<{ attempts: number }>(
      "select last_value as attempts from attempts",
    );
    assert.ok(attempts <= 12, `${attempts} attempts`);
  }
});

Deno.test("so are rows that have nothing but their key, and would update nothing", async () => {
  await using shop = await workshop(
    TABLES.replace("v int check (v > 0)", "v int default 1"),
  );
  const rows = Array.from({ length: 300 }, (_, i) => `${i % 3}\n`);
  const definition = "table: t\nkey: k\non_duplicate: update\ncolumns: {k: k}\n";
  const run = await shop.drive(await shop.create(definition, `k\n${rows.join("")}`));
  const { created, updated, skipped, failed } = run.summary ?? {};
  assert.deepEqual([created, updated, skipped, failed], [3, 0, 297, 0]);
  const [{ attempts }] = await shop.session.query<{ attempts: number }>(
    "select last_value as attempts from attempts",
  );
  assert.ok(attempts <= 6, `${attempts} attempts`);
});
