/** `check --against`: a changed definition is tried on the files that were loaded before. */
import assert from "node:assert/strict";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { ingest } from "./start_program.ts";

const OLD =
  "table: people\nkey: id\ncolumns:\n  id: Id\n  born: Born\n  name: { from: Name, max_length: 5 }\n";
const NEW = OLD.replace("born: Born", "born: { from: Born, format: [yyyy-MM-dd, dd.MM.yyyy] }")
  .replace("max_length: 5", "max_length: 3");
const FILE =
  "Id,Born,Name\n1,2024-01-01,Ann\n2,15.07.2024,Bob\n3,2024-01-01,Cyril\n4,never,Dan\n5,2024-01-01,Annabell\n";

async function workplace(db: TestDatabase) {
  await db.session.query("create table people (id int primary key, born date, name text)");
  const folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(`${folder.path}/importers/people.yaml`, OLD);
  await Deno.writeTextFile(`${folder.path}/1.csv`, FILE);
  await Deno.writeTextFile(`${folder.path}/2.csv`, "Id,Born,Name\n6,01.02.2024,Eve\n");
  return folder;
}

Deno.test("check --against says which rows the definition fixes and breaks, and leaves no run", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  for (const file of ["1.csv", "2.csv"]) await ingest(["run", "people", "--file", file], options);
  await Deno.writeTextFile(`${folder.path}/importers/people.yaml`, NEW);
  const check = await ingest(["check", "people", "--against", "5"], options);
  assert.equal(check.code, 1, check.stderr);
  assert.deepEqual(
    check.stdout.trimEnd().split("\n"),
    [
      "run 2 (2.csv): fixes 1 row, breaks 0",
      "run 1 (1.csv): fixes 1 row, breaks 1",
      "    breaks line 4: The name field must not be longer than 3 characters.",
      "In all: fixes 2 rows, breaks 1",
    ],
  );
  const runs = await db.session.query("select 1 from ingest.runs");
  assert.equal(runs.length, 2);
  const [{ count }] = await db.session.query<{ count: number }>("select count(*)::int from people");
  assert.equal(count, 2);
  const one = await ingest(["check", "people", "--against", "1", "--json"], options);
  assert.equal(one.code, 0, one.stderr);
  const { data } = JSON.parse(one.stdout);
  assert.deepEqual([data.fixed, data.broken, data.runs.length], [1, 0, 1]);
  // The files are still there for the runs that they belong to.
  assert.equal((await ingest(["retry", "1"], options)).code, 3);
});

Deno.test("rows that fail only because they are loaded are not broken", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  await Deno.writeTextFile(`${folder.path}/importers/people.yaml`, `${OLD}on_duplicate: fail\n`);
  await ingest(["run", "people", "--file", "1.csv"], options);
  const check = await ingest(["check", "people", "--against", "1"], options);
  assert.equal(check.code, 0, check.stdout);
  assert.match(
    check.stdout,
    /^run 1 \(1\.csv\): fixes 0 rows, breaks 0; 2 rows would fail because they are loaded$/mu,
  );
});

Deno.test("a definition whose runs wait for somebody is tried at once", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  await ingest(["run", "people", "--file", "1.csv"], options);
  const held = `${NEW}options: { transaction: run, release: manual }\n`;
  await Deno.writeTextFile(`${folder.path}/importers/people.yaml`, held);
  const check = await ingest(["check", "people", "--against", "1"], options);
  assert.match(check.stdout, /^run 1 \(1\.csv\): fixes 1 row, breaks 1$/mu, check.stderr);
});

Deno.test("a file that is gone or changed is named, and the others are tried", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  for (const file of ["1.csv", "2.csv"]) await ingest(["run", "people", "--file", file], options);
  await Deno.remove(`${folder.path}/1.csv`);
  const check = await ingest(["check", "people", "--against", "2"], options);
  assert.equal(check.code, 1);
  assert.match(check.stdout, /^run 2 \(2\.csv\): fixes 0 rows, breaks 0$/mu);
  assert.match(
    check.stdout,
    /^run 1 \(1\.csv\): not tried: .*1\.csv: the file is not there any more\./mu,
  );
});

for (
  const [what, args, code, message] of [
    ["without an importer", ["--against", "1"], 2, /--against needs an importer/u],
    ["with a file", ["people", "--against", "1", "--file", "1.csv"], 2, /leave --file out/u],
    [
      "with another way to read",
      ["people", "--against", "1", "--delimiter", ";"],
      2,
      /leave --delimiter out/u,
    ],
    ["for an importer without runs", ["people", "--against", "1"], 1, /no finished run of people/u],
    ["for no importer of that name", ["nobody", "--against", "1"], 5, /nobody/u],
  ] as const
) {
  Deno.test(`check --against is refused ${what}`, async () => {
    await using db = await testDatabase();
    await using folder = await workplace(db);
    const check = await ingest(["check", ...args], { database: db, cwd: folder.path });
    assert.equal(check.code, code, check.stderr);
    assert.match(check.stderr, message);
  });
}
