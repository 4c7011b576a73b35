/** `on_update: keep`: an empty cell leaves what is there. */
import assert from "node:assert/strict";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "./importing.ts";

const DEFINITION = `table: t
key: k
on_duplicate: update
columns:
  k: K
  a: { from: A, on_update: keep }
  b: { from: B, on_update: keep }
  c: C
options: { log_rows: all }
`;

async function run(shop: Workshop, file: string, definition = DEFINITION): Promise<Run> {
  return await shop.drive(await shop.create(definition, file));
}

async function rows(shop: Workshop): Promise<readonly string[]> {
  const found = await shop.session.query<{ row: string }>(
    "select t::text as row from t order by k",
  );
  return found.map(({ row }) => row);
}

async function outcomes(shop: Workshop, { id }: Run): Promise<readonly string[]> {
  const found = await shop.session.query<{ row: string }>(
    `select concat_ws(' ', status, errors #>> '{details,0,code}') as row
     from ingest.rows where run_id = $1 order by row_number`,
    [id],
  );
  return found.map(({ row }) => row);
}

const TABLE = "create table t (k int primary key, a text, b int, c text)";
const TRIGGER = `create function f() returns trigger language plpgsql as 'begin return new; end';
  create trigger f before insert or update on t for each row execute function f();`;
const STORED =
  "insert into t values (1, 'old', 1, 'old'), (2, 'old', 2, 'old'), (3, null, 3, 'c');";
const FILE = "K,A,B,C\n1,,,\n2,new,,old\n3,,3,c\n4,,,\n";

Deno.test("an empty cell leaves what is there, on every path to the table", async () => {
  const more: Readonly<Record<string, string>> = {
    "one statement": "",
    "with triggers": `create function f() returns trigger language plpgsql as
      'begin return new; end';
      create trigger f before insert or update on t for each row execute function f()`,
    "without an index": "alter table t drop constraint t_pkey",
  };
  for (const [way, statements] of Object.entries(more)) {
    await using shop = await workshop(`${TABLE}; ${STORED} ${statements}`);
    const dry = await shop.drive(await shop.create(DEFINITION, FILE, { dryRun: true }));
    const real = await run(shop, FILE);
    for (const each of [dry, real]) {
      assert.deepEqual(
        await outcomes(shop, each),
        ["updated", "updated", "skipped", "created"],
        way,
      );
    }
    assert.deepEqual(await rows(shop), ["(1,old,1,)", "(2,new,2,old)", "(3,,3,c)", "(4,,,)"], way);
  }
});

Deno.test("words that stand for NULL are empty, and a later row with the key counts", async () => {
  await using shop = await workshop(`${TABLE}; ${STORED}`);
  const definition = `${DEFINITION}source: { null_values: ["", "-"] }\n`;
  await run(shop, "K,A,B,C\n1,-,7,x\n1,second,-,x\n2,first,,y\n2,-,8,y\n", definition);
  assert.deepEqual((await rows(shop)).slice(0, 2), ["(1,second,7,x)", "(2,first,8,y)"]);
});

Deno.test("a NOT NULL column needs no value in a row that is updated, but in a new one", async () => {
  await using shop = await workshop(
    `create table t (k int primary key, a text not null, b int not null check (b > 0), c text,
       check (a is not null or b > 5)); ${STORED.replace("null", "'x'")}`,
  );
  const file = "K,A,B,C\n1,,,new\n4,,4,\n5,a,,\n6,a,-1,\n2,,-1,\n7,a,7,\n";
  assert.deepEqual(await outcomes(shop, await run(shop, file)), [
    "updated",
    "failed not_null",
    "failed not_null",
    "failed check",
    "failed check",
    "created",
  ]);
  assert.deepEqual(await rows(shop), ["(1,old,1,new)", "(2,old,2,old)", "(3,x,3,c)", "(7,a,7,)"]);
});

Deno.test("a column whose domain allows no NULL keeps its value, too", async () => {
  for (const check of ["not null", "check (value is not null)"]) {
    for (const more of ["", TRIGGER]) {
      await using shop = await workshop(
        `create domain label as varchar(4) ${check} check (value <> 'bad');
         create table t (k int primary key, a label, b int, c text);
         insert into t values (1, 'old', 1, 'old'), (2, 'old', 2, 'old'), (3, 'old', 3, 'old');${more}`,
      );
      const file = "K,A,B,C\n1,,,new\n2,new,,new\n3,bad,,new\n4,,,new\n5,new,,new\n6,other,,\n";
      const found = await outcomes(shop, await run(shop, file));
      assert.deepEqual(found.map((outcome) => outcome.split(" ")[0]), [
        ...["updated", "updated", "failed", "failed", "created", "failed"],
      ]);
      assert.deepEqual(await rows(shop), [
        "(1,old,1,new)",
        "(2,new,2,new)",
        "(3,old,3,old)",
        "(5,new,,new)",
      ]);
    }
  }
});

Deno.test("values that are kept are part of unique keys", async () => {
  await using shop = await workshop(`${TABLE}; ${STORED} create unique index on t (a, b)`);
  const file = "K,A,B,C\n1,,,x\n2,old,1,x\n3,old,,x\n5,old,3,x\n";
  const ended = await run(shop, file, `${DEFINITION.replace("all }", "all, batch_rows: 1 }")}`);
  assert.deepEqual(await outcomes(shop, ended), [
    "updated",
    "failed duplicate",
    "updated",
    "failed duplicate",
  ]);
});

Deno.test("update_if_newer keeps values, too", async () => {
  await using shop = await workshop(`${TABLE}; ${STORED}`);
  const definition = DEFINITION.replace("update\n", "update_if_newer\n") +
    "compare: { source: C, target: c }\n";
  await run(shop, "K,A,B,C\n1,,,older\n2,,,a\n", definition);
  assert.deepEqual((await rows(shop)).slice(0, 2), ["(1,old,1,older)", "(2,old,2,old)"]);
});
