/** A key that is unique among some rows only, such as those that are not deleted. */
import assert from "node:assert/strict";
import { count, type Workshop, workshop } from "./importing.ts";

const TABLE = `create table t (id int generated always as identity, email text, name text,
    deleted_at date);
  create unique index t_email on t (email) where deleted_at is null;
  insert into t (email, name, deleted_at) values ('a@x', 'gone', '2020-01-01'),
    ('b@x', 'gone', '2020-01-01'), ('b@x', 'live', null), ('c@x', 'live', null);`;

const FILE = "email,name\na@x,new\nb@x,new\nc@x,live\nd@x,new\n";

async function rows(shop: Workshop): Promise<readonly string[]> {
  const found = await shop.session.query<{ row: string }>(
    `select concat_ws(' ', email, name, deleted_at) as row from t`,
  );
  return found.map(({ row }) => row).toSorted();
}

async function outcomes(shop: Workshop, definition: string, file: string, workers = 2) {
  const run = await shop.drive(await shop.create(definition, file), workers);
  const found = await shop.session.query<{ row: string }>(
    `select concat_ws(' ', status, errors #>> '{details,0,code}') as row
     from ingest.rows where run_id = $1 order by row_number`,
    [run.id],
  );
  return { warnings: run.warnings, outcomes: found.map(({ row }) => row) };
}

const KEY = "key: { columns: email, where: deleted_at is null }\n";
const LOG = "options: { log_rows: all, batch_rows: 3 }\n";

/** Ways to the table: MERGE, UPDATE and INSERT, policies, and columns that hide the stage's. */
const WAYS: Readonly<Record<string, string>> = {
  plain: "",
  triggered: `create function f() returns trigger language plpgsql as 'begin return new; end';
    create trigger f before insert or update on t for each row execute function f();`,
  "odd columns": `alter table t add "ingest column 0" int, add s int, add "ingest position" int;`,
};

Deno.test("an upsert doesn't land on a row for which the key's condition doesn't hold", async () => {
  for (const [way, more] of Object.entries(WAYS)) {
    await using shop = await workshop(TABLE + more);
    const definition = `table: t\n${KEY}on_duplicate: update\n${LOG}`;
    const dry = await shop.drive(await shop.create(definition, FILE, { dryRun: true }));
    assert.deepEqual([dry.summary?.created, dry.summary?.updated], [2, 1], way);
    const { warnings, outcomes: found } = await outcomes(shop, definition, FILE);
    assert.deepEqual(warnings, []);
    assert.deepEqual(found, ["created", "updated", "skipped", "created"], way);
    const after = [
      "a@x gone 2020-01-01",
      "a@x new",
      "b@x gone 2020-01-01",
      "b@x new",
      "c@x live",
      "d@x new",
    ];
    assert.deepEqual(await rows(shop), after, way);
    // And the same file again changes nothing.
    const again = await outcomes(shop, definition, FILE);
    assert.deepEqual(again.outcomes, ["skipped", "skipped", "skipped", "skipped"], way);
  }
});

Deno.test("skip, fail, lookups and newer rows see only rows for which the condition holds", async () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["on_duplicate: skip\n", ["created", "skipped", "skipped", "created"]],
    ["on_duplicate: fail\n", ["created", "failed duplicate", "failed duplicate", "created"]],
    ["on_duplicate: update\non_missing: skip\n", ["skipped", "updated", "skipped", "skipped"]],
    [
      "on_duplicate: update\non_missing: fail\n",
      ["failed lookup", "updated", "skipped", "failed lookup"],
    ],
    [
      "on_duplicate: update_if_newer\ncompare: {source: name, target: name}\n",
      ["created", "updated", "skipped", "created"],
    ],
  ];
  for (const [rules, expected] of cases) {
    await using shop = await workshop(TABLE);
    const found = await outcomes(shop, `table: t\n${KEY}${rules}${LOG}`, FILE);
    assert.deepEqual(found.outcomes, expected, rules);
    assert.equal(await count(shop.session, "t where name = 'gone'"), 2);
  }
});

Deno.test("a key that comes twice in the file, and rows that Postgres refuses", async () => {
  await using shop = await workshop(`${TABLE} alter table t add check (name <> 'bad')`);
  const file = "email,name\nb@x,1\nb@x,2\nd@x,1\nd@x,bad\nd@x,3\na@x,bad\na@x,4\n";
  const { outcomes: found } = await outcomes(
    shop,
    `table: t\n${KEY}on_duplicate: update\n${LOG}`,
    file,
  );
  assert.deepEqual(found, [
    "updated",
    "updated",
    "created",
    "failed check",
    "updated",
    "failed check",
    "created",
  ]);
  assert.deepEqual((await rows(shop)).filter((row) => !row.includes("gone")), [
    "a@x 4",
    "b@x 2",
    "c@x live",
    "d@x 3",
  ]);
});

Deno.test("a row that the file deletes, and several columns of key in any order", async () => {
  await using shop = await workshop(
    `create table t (tenant int, email text, name text, deleted_at date);
     create unique index on t (tenant, email) where deleted_at is null;
     insert into t values (1, 'a', 'live', null)`,
  );
  const key = "key: { columns: [email, tenant], where: DELETED_AT is null }\n";
  const { outcomes: found } = await outcomes(
    shop,
    `table: t\n${key}on_duplicate: update\n${LOG}`,
    "tenant,email,name,deleted_at\n1,a,live,2024-01-01\n1,a,again,\n2,a,other,\n",
  );
  assert.deepEqual(found, ["updated", "created", "created"]);
  assert.deepEqual(await rows(shop), ["a again", "a live 2024-01-01", "a other"]);
});

Deno.test("without the condition, the run says that other rows count, too", async () => {
  await using shop = await workshop(TABLE);
  const { warnings } = await outcomes(
    shop,
    `table: t\nkey: email\non_duplicate: update\n${LOG}`,
    FILE,
  );
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0],
    /key: is unique only among rows where \(deleted_at IS NULL\)\. Other rows/,
  );
});

Deno.test("a condition that no index has fails the run before a row is loaded", async () => {
  await using shop = await workshop(TABLE);
  const definition = `table: t\n${KEY.replace("is null", "is not null")}`;
  await assert.rejects(
    shop.create(definition, FILE),
    /key\.where: no unique index on email has the condition "deleted_at is not null"; there is/,
  );
  assert.equal(await count(shop.session, "t"), 4);
});
