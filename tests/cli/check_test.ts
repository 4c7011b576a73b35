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
