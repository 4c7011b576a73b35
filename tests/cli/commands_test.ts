import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { runReportSchema } from "../../src/report/report_schema.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";
import type { Ended } from "./start_program.ts";

/** In this process, which is quick; `@/` is the folder. */
async function command(line: string, db: TestDatabase, folder = ""): Promise<Ended> {
  const { output, stdout, stderr } = memoryOutput();
  const args = line.replaceAll("@/", `${folder}/`).split(" ");
  const offline = /^(list|version|db)/.test(line);
  const named = offline ? [] : ["--database-url", db.url];
  const code = await runCommandLine([...args, ...named], output);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** One line, beginning with the program's name. */
function assertOneLine({ stderr }: Ended, expected: RegExp): void {
  assert.match(stderr, /^ingest: [^\n]+\n$/);
  assert.match(stderr, expected);
}

Deno.test("what can't be run is refused in one line, with the right code, and no run exists", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  await db.session.execute("create view people as select * from customers");
  await Deno.mkdir(`${dir.path}/folder.csv`);
  await Deno.writeTextFile(`${dir.path}/customers.yaml`, "table: customers\n");
  await Deno.writeTextFile(`${dir.path}/good.csv`, customers(3));
  await Deno.writeTextFile(`${dir.path}/empty.csv`, "");
  await Deno.writeFile(`${dir.path}/binary.csv`, new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0, 0]));
  const wrong: readonly (readonly [string, number, RegExp])[] = [
    ["run custmers --file @/good.csv --importers @/", 5, /did you mean "customers"\?/],
    ["run customers --file @/missing.csv --importers @/", 1, /there is no such file/],
    ["run --table customers --file @/missing.csv", 1, /there is no such file/],
    ["run --table customers --file @/folder.csv", 1, /the folder has no files/],
    ["run --table customers --file @/empty.csv", 1, /the file is empty/],
    ["run --table customers --file @/binary.csv", 1, /the zip archive is incomplete/],
    ["run --table custmers --file @/good.csv", 1, /There is no table custmers/],
    ["run --table people --file @/good.csv", 1, /a view/],
    ["run --table pg_catalog.pg_class --file @/good.csv", 1, /pg_catalog/],
    ["run --table ingest.runs --file @/good.csv", 1, /ingest/],
    ["run --table customers --key mail --file @/good.csv", 1, /mail/],
  ];
  for (const [line, code, expected] of wrong) {
    const ended = await command(line, db, dir.path);
    assert.equal(ended.code, code, `${line}: ${ended.stderr}`);
    assertOneLine(ended, expected);
    assert.equal(ended.stdout, "");
  }
  const { stdout } = await command("runs --json", db);
  assert.deepEqual(JSON.parse(stdout).data, []);
});

Deno.test("before any migration there are no runs yet, and the commands say how to start one", async () => {
  await using db = await testDatabase();
  for (const line of ["status", "rows 1", "wait 1", "cancel 1"]) {
    const ended = await command(line, db);
    assert.equal(ended.code, 5);
    assertOneLine(ended, /never used in this database. Start one: ingest run/);
  }
  const migrated = await command("migrate --json", db);
  assert.equal(JSON.parse(migrated.stdout).data.schema, "ingest");
  const status = await command("status", db);
  assert.equal(status.code, 5);
  assertOneLine(status, /There are no runs yet/);
  for (const line of ["status 99", "rows 99", "wait 99", "cancel 99", "resume 99"]) {
    const ended = await command(line, db);
    assert.equal(ended.code, 5, ended.stderr);
    assertOneLine(ended, /There is no run 99/);
  }
});

Deno.test("run, wait and status exit as the run ended", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(
    `${dir.path}/customers.yaml`,
    `table: customers\nkey: [email]\nsource: {type: file, path: ${dir.path}/bad.csv}\n`,
  );
  await Deno.writeTextFile(`${dir.path}/bad.csv`, customers(50, true));
  const say = (line: string) => command(line, db, dir.path);
  const run = "run customers --importers @/ --workers 2";
  const bad = await say(run);
  assert.equal(bad.code, 3, bad.stderr);
  assert.match(bad.stdout, /^created 50 {3}updated 0 {3}skipped 0 {3}failed 1$/m);
  assert.match(
    bad.stdout,
    /1 row failed\. See why: ingest errors 1\n\nTry them again: ingest retry 1\n$/,
  );
  const allowed = await say(`${run} --allow-errors -q`);
  assert.deepEqual([allowed.code, allowed.stdout, allowed.stderr], [0, "", ""]);
  const limited = await say(`${run} --max-errors 0`);
  assert.equal(limited.code, 1, limited.stdout);
  assert.match(limited.stdout, /1 rows? failed, more than the 0 that max_errors allows/);
  const rows = await say("rows 1 --status failed");
  assert.match(
    rows.stdout,
    /^ *26 +27 +failed +The age field must be a whole number\. +email: bad@example.com, name: Bad/m,
  );
  assert.equal((await say("wait 1")).code, 3);
  assert.equal((await say("wait 1 --allow-errors")).code, 0);
  assert.equal((await say("status 1")).code, 0);
  assert.equal((await say("status 1 --exit-code")).code, 3);
  assert.equal((await say("status 3 --exit-code")).code, 1);
});

Deno.test("with --json stdout is one document, the same as the HTTP API's body", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(
    `${dir.path}/customers.yaml`,
    "table: customers\nkey: [email]\n",
  );
  await Deno.writeTextFile(`${dir.path}/broken.yaml`, "tabel: customers\nkey: 7\n");
  await Deno.writeTextFile(`${dir.path}/bad.csv`, customers(20, true));
  const json = async (line: string, code: number) => {
    const ended = await command(`${line} --json`, db, dir.path);
    assert.equal(ended.code, code, `${line}: ${ended.stderr}`);
    return JSON.parse(ended.stdout);
  };
  const run = await json("run customers --importers @/ --file @/bad.csv", 3);
  const report = runReportSchema.parse(run.data);
  assert.deepEqual([report.progress.created, report.progress.failed], [20, 1]);
  assert.equal(report.rows?.length, 1);
  assert.deepEqual(await json("status", 0), run);
  assert.deepEqual(await json("wait 1", 3), run);
  const { data: [listed] } = await json("runs", 0);
  assert.equal(runReportSchema.parse(listed).rows, undefined);
  assert.deepEqual((await json("rows 1", 0)).data, report.rows);
  assert.equal((await json("list --importers @/", 0)).data[0].slug, "customers");
  assert.ok((await json("check --importers @/", 1)).data[0].problems.length > 0);
  assert.equal((await json("check customers --importers @/", 0)).data[0].ok, true);
  assert.match((await json("version", 0)).data.version, /^\d+\.\d+\.\d+$/);
  for (
    const [line, exit, code] of [
      ["status 99", 5, "no_such_run"],
      ["run custmers --importers @/ --file x", 5, "unknown_importer"],
      ["run broken --importers @/ --file x", 1, "definition"],
      ["run --table customers --file @/x", 1, "source"],
      ["resume 1", 1, "conflict"],
      ["cancel 1", 1, "conflict"],
      ["wait 1 --timeout x", 2, "usage"],
    ] as const
  ) assert.equal((await json(line, exit)).code, code);
});

Deno.test("check reports every problem of every definition, with file and line", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  const write = (name: string, text: string) => Deno.writeTextFile(`${dir.path}/${name}`, text);
  await write(
    "three.yaml",
    "table: customers\nkee: [email]\non_duplicate: merge\noptions:\n  batch_rows: 0\n",
  );
  await write("columns.yaml", "table: customers\ncolumns:\n  name: Name\n  emial: E-Mail\n");
  await write("good.yaml", "table: customers\n");
  const ended = await command("check --importers @/", db, dir.path);
  assert.equal(ended.code, 1);
  const lines = ended.stdout.split("\n");
  for (const place of ["three.yaml:2", "three.yaml:3", "three.yaml:5", "columns.yaml:4"]) {
    assert.ok(lines.some((line) => line.startsWith("bad ") && line.includes(place)), place);
  }
  assert.ok(lines.includes("ok  good → customers"));
});

/** Leaves a run of five rows, from good.csv, to other processes. */
async function detach(db: TestDatabase, folder: string) {
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${folder}/good.csv`, customers(5));
  Deno.env.set("INGEST_HOME", `${folder}/home`);
  try {
    return await command("run --table customers --file @/good.csv --detach", db, folder);
  } finally {
    Deno.env.delete("INGEST_HOME");
  }
}

Deno.test("a detached run prints its id, keeps a copy of its file, and waits for a worker", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  const left = await detach(db, dir.path);
  assert.deepEqual([left.code, left.stdout], [0, "1\n"]);
  await Deno.remove(`${dir.path}/good.csv`);
  const status = await command("status", db);
  assert.match(status.stdout, /good\.csv +pending/);
  assert.match(status.stdout, /run it here: ingest resume 1\n$/);
  const waited = await command("wait 1 --timeout 0", db);
  assert.equal(waited.code, 1);
  assertOneLine(waited, /did not end within 0 s/);
  const resumed = await command("resume 1 --workers 1", db);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, /^created 5 /m);
});

Deno.test("a run can't be resumed when it is complete, or its file is gone or was changed", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${dir.path}/a.csv`, customers(5));
  await Deno.writeTextFile(`${dir.path}/b.csv`, customers(5, true));
  const say = (line: string) => command(line, db, dir.path);
  assert.equal((await say("run --table customers --file @/a.csv -q")).code, 0);
  const complete = await say("resume 1");
  assert.equal(complete.code, 1);
  assertOneLine(complete, /Cannot resume run 1: it is completed/);
  assert.equal(
    (await say("run --table customers --key email --file @/b.csv --max-errors 0 -q")).code,
    1,
  );
  await Deno.writeTextFile(`${dir.path}/b.csv`, customers(6));
  const changed = await say("resume 2");
  assert.equal(changed.code, 1);
  assertOneLine(changed, /Cannot resume run 2: .*b\.csv has changed .* bytes and now has /);
  await Deno.writeTextFile(`${dir.path}/b.csv`, customers(5, true).replace("User 3", "User 4"));
  const edited = await say("resume 2");
  assert.deepEqual([edited.code, edited.stdout], [1, ""]);
  assertOneLine(edited, /Cannot resume run 2: .*b\.csv has changed .*: lines 2 to 7 differ\. /);
  await Deno.remove(`${dir.path}/b.csv`);
  assertOneLine(await say("resume 2"), /Cannot resume run 2: .*b\.csv is gone\. /);
  assert.match((await say("status 2")).stdout, / failed$/m);
});

Deno.test("a run resumes with a copy of its file that was put back", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  const file = `${dir.path}/b.csv`;
  await Deno.writeTextFile(file, customers(5, true));
  const run = `run --table customers --file ${file} --max-errors 0 -q`;
  assert.equal((await command(run, db)).code, 1);
  await Deno.rename(file, `${dir.path}/away.csv`);
  await Deno.copyFile(`${dir.path}/away.csv`, file);
  await Deno.utime(file, new Date(), new Date(0));
  const resumed = await command("resume 1 --max-errors 1 -q --allow-errors", db);
  assert.deepEqual([resumed.code, resumed.stderr], [0, ""]);
});

Deno.test("cancelling a run without workers ends it at once, with a receipt", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await detach(db, dir.path);
  const cancelled = await command("cancel 1", db);
  assert.equal(cancelled.code, 0, cancelled.stderr);
  assert.match(cancelled.stdout, /0 rows committed, .*never tried\. Resume it: ingest resume 1\n$/);
  assert.equal((await command("wait 1", db)).code, 4);
  const again = await command("cancel 1", db);
  assert.deepEqual([again.code, again.stdout], [0, cancelled.stdout]);
  assert.equal(again.stderr, "Run 1 was already cancelled.\n");
  const asJson = await command("cancel 1 --now --json", db);
  const { message, data } = JSON.parse(asJson.stdout);
  assert.equal(message, "Cancellation request sent.");
  assert.equal(runReportSchema.parse(data).status, "cancelled");
});
