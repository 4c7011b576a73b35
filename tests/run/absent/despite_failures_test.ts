/** Rows that the file doesn't have go although rows of it fail, if it is known which rows these are. */
import assert from "node:assert/strict";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "../importing.ts";

const TABLE = `create table t (id int primary key, n int check (n < 1000), code text unique);
  insert into t select i, i, 'c' || i from generate_series(1, 10) i;`;

function defined(options = "", more = ""): string {
  return `table: t\nkey: id\non_duplicate: update\non_absent: delete\n${more}\noptions:\n` +
    "  transaction: run\n  max_absent: 100%\n  absent_despite_failures: true\n" +
    `  hold_if: failed > 100\n${options}`;
}

async function load(shop: Workshop, definition: string, file: string): Promise<Run> {
  const dry = await shop.drive(await shop.create(definition, file, { dryRun: true }));
  const run = await shop.drive(await shop.create(definition, file));
  assert.deepEqual([dry.absent, dry.summary?.absent], [run.absent, run.summary?.absent]);
  assert.equal(run.status, "completed_with_errors", JSON.stringify(run.error));
  return run;
}

async function ids({ session }: Workshop): Promise<string> {
  const rows = await session.query<{ id: number }>("select id from t order by id");
  return rows.map(({ id }) => id).join();
}

Deno.test("rows of the file that fail are not absent, whoever refuses them", async () => {
  for (const batch of [1, 100]) {
    await using shop = await workshop(TABLE);
    // 2: by us; 3: by the table; 4: its code is another row's; 12: new, and wrong.
    const file = "id,n,code\n1,1,c1\n2,x,c2\n3,5000,c3\n 4 ,4,c1\n12,y,c12\n";
    const run = await load(shop, defined(`  batch_rows: ${batch}\n`), file);
    assert.deepEqual(run.absent, { in_scope: 10, absent: 6, deleted: 6 });
    assert.equal(await ids(shop), "1,2,3,4");
    assert.deepEqual(run.warnings, []);
  }
});

Deno.test("rows that are copied straight into the table, and refused there, are not absent", async () => {
  await using shop = await workshop(TABLE);
  const file = "id,n,code\n20,1,c20\n21,5000,c21\n9,5000,c9\n22,2,c22\n";
  const run = await load(shop, defined().replace("update", "skip"), file);
  assert.deepEqual(run.absent, { in_scope: 10, absent: 9, deleted: 9 });
  assert.equal(await ids(shop), "9,20,22");
});

Deno.test("if the key of a failed row can't be read, nothing is deleted, and a warning says so", async () => {
  const wrong = {
    "a key that is none": "id,n\n1,1\nx,2\n",
    "no key": "id,n\n1,1\n,2\n",
    "a key that is too large": "id,n\n1,1\n99999999999,2\n",
    "too few values": "id,n,code\n1,1,c1\n2\n",
  };
  for (const [what, file] of Object.entries(wrong)) {
    await using shop = await workshop(TABLE);
    const run = await load(shop, defined(), file);
    assert.deepEqual([run.absent, await ids(shop)], [null, "1,2,3,4,5,6,7,8,9,10"], what);
    assert.match(
      run.warnings.join(),
      /left as they are, because 1 row of it fails whose key can't be read/u,
      what,
    );
  }
});

Deno.test("keys are read as they are written: trimmed, mapped and compared as the table does", async () => {
  await using shop = await workshop(
    `create extension citext;
     create table t (name citext, day date, n int, primary key (name, day));
     insert into t values ('Ann', '2024-01-02', 1), ('BOB', '2024-01-02', 1), ('cid', '2024-01-03', 1)`,
  );
  const yaml = defined("", "").replace("key: id", "key: [name, day]") +
    "columns:\n  name: { from: Name, transform: [lower] }\n" +
    "  day: { from: Day, format: dd.MM.yyyy }\n  n: N\n";
  const run = await load(shop, yaml, "Name,Day,N\n ANN ,02.01.2024,x\nbob,02.01.2024,5\n");
  assert.deepEqual(run.absent, { in_scope: 3, absent: 1, deleted: 1 });
});

Deno.test("a value of which only Postgres knows that it is no key keeps all rows", async () => {
  await using shop = await workshop(
    `create domain positive as int check (value > 0);
     create table t (id positive primary key, n int); insert into t values (1, 1), (2, 2)`,
  );
  const run = await load(shop, defined(), "id,n\n1,1\n-2,2\n");
  assert.equal(run.absent, null);
  assert.match(run.warnings.join(), /1 row of it fails whose key can't be read/u);
});

Deno.test("where a look-up makes the key, failed rows keep all others", async () => {
  await using shop = await workshop(
    `create table kinds (id int primary key, name text unique); insert into kinds values (1, 'a'), (2, 'b');
     create table t (kind int primary key, n int); insert into t values (1, 1), (2, 2)`,
  );
  const yaml = defined("").replace("key: id", "key: kind") +
    "columns:\n  kind: { from: kind, lookup: { table: kinds, match: name } }\n  n: n\n";
  const run = await load(shop, yaml, "kind,n\na,x\n");
  assert.equal(run.absent, null);
});
