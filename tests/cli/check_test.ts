/** What `check` says of a definition's formats, and `run` of the same. */
import { deepEqual, equal, match } from "node:assert/strict";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { ingest } from "./start_program.ts";

async function importers(definition: string) {
  const folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(`${folder.path}/importers/people.yaml`, definition);
  await Deno.writeTextFile(`${folder.path}/people.csv`, "born\n15/07/2024\n");
  return folder;
}

Deno.test("check and run refuse a wrong format with the same words, and nothing is loaded", async () => {
  await using db = await testDatabase();
  await db.session.execute("create table people (born date, seen time)");
  for (
    const columns of [
      "{born: {type: date, format: dd/mm/yyyy}}",
      "{born: {format: MM/dd}}",
      "{seen: {from: born, format: 'dd/MM/yyyy'}}",
    ]
  ) {
    await using folder = await importers(`table: people\ncolumns: ${columns}\n`);
    const options = { database: db, cwd: folder.path };
    const checked = await ingest(["check", "people"], options);
    equal(checked.code, 1, checked.stdout + checked.stderr);
    const sentence = /columns\.\w+\.format: .*/u.exec(checked.stdout)?.[0] ?? "";
    const run = await ingest(["run", "people", "--file", "people.csv"], options);
    equal(run.code, 1);
    equal(run.stderr.includes(sentence) && sentence !== "", true, `${sentence}\n${run.stderr}`);
    const [{ count }] = await db.session.query<{ count: number }>(
      "select count(*)::int as count from people",
    );
    equal(count, 0);
  }
});

Deno.test("check says what it costs to remember old values, and what can't be undone", async () => {
  const notes = async (options: string) => {
    await using folder = await importers(`table: people\noptions: {${options}}\n`);
    return (await ingest(["check"], { cwd: folder.path })).stdout;
  };
  equal(/note:/u.test(await notes("undo: inserts")), false);
  match(await notes("undo: updates, undo_for: 2w"), /takes about half as long again.* for 14 days/);
  match(await notes("undo: updates, undo_for: 36h"), /room in the database for 36 hours/);
  match(await notes("undo: off"), /people.yaml:2: options\.undo: "off": .* can't be taken back/);
});

Deno.test("check warns if old values can't be kept, or nothing can be undone", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table people (id int unique, name text not null unique, n int generated always as identity);
     create table keyed (id int primary key, name text);
     create table parted (id int, name text) partition by range (id);
     create foreign data wrapper none; create server elsewhere foreign data wrapper none;
     create foreign table far partition of parted for values from (0) to (9) server elsewhere`,
  );
  const warnings = async (table: string, options = "{undo: updates}") => {
    const key = table === "parted" ? "" : "key: id\non_duplicate: update\n";
    await using folder = await importers(
      `table: ${table}\n${key}columns: {id: id, name: name}\noptions: ${options}\n`,
    );
    const options_ = { database: db, cwd: folder.path };
    return /warning: .*/u.exec((await ingest(["check"], options_)).stdout)?.[0] ?? "";
  };
  // A key that may be NULL finds every row that is updated.
  equal(await warnings("people"), "");
  equal(await warnings("keyed"), "");
  await db.session.query("alter table people drop constraint people_id_key");
  match(await warnings("people"), /Old values can't be kept .* neither a primary key nor/);
  equal(await warnings("people", "{undo: inserts}"), "");
  match(
    await warnings("parted", "{}"),
    /can't be undone, because the partition far is a foreign table/,
  );
  equal(await warnings("parted", "{undo: off}"), "");
});

Deno.test("check says what two digits of a year mean, and which of two formats counts", async () => {
  await using folder = await importers(
    "table: people\ncolumns:\n  born: {type: date, format: [dd/MM/yy, MM/dd/yy]}\n",
  );
  const { code, stdout } = await ingest(["check"], { cwd: folder.path });
  equal(code, 0);
  match(
    stdout,
    /note: .*people.yaml:3: columns\.born\.format: "dd\/MM\/yy": a two-digit year from 00 to 69/,
  );
  const { stdout: json } = await ingest(["check", "--json"], { cwd: folder.path });
  deepEqual(JSON.parse(json).data[0].notes.map(({ path }: { path: string }) => path), [
    "columns.born.format",
    "columns.born.format",
  ]);
  match(stdout, /"dd\/MM\/yy" and "MM\/dd\/yy" may both fit .* then "dd\/MM\/yy" counts/);
});
