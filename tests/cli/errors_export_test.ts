import assert from "node:assert/strict";
import { Ledger } from "../../src/ledger/ledger.ts";
import { markTried } from "../run/retrying.ts";
import type { TestDatabase } from "../support/database.ts";
import { edited } from "../report/workbook/unzip.ts";
import { PROGRAM, startIngest } from "./start_program.ts";
import { EXPORTED, type Scene, scene } from "./failed_row.ts";

Deno.test("--export writes a file and says what to do next; it doesn't replace an existing one", async () => {
  await using at = await scene();
  const file = `${at.dir}/failed.csv`;
  assert.deepEqual(await at.say("errors", "1", "--export", file), {
    code: 0,
    out: "",
    err: `Wrote 1 row to ${file}. Repair them, then: ingest retry 1 --file ${file}\n`,
  });
  assert.equal(await Deno.readTextFile(file), EXPORTED);
  await Deno.writeTextFile(file, "edited");
  const again = await at.say("errors", "1", "--export", file);
  assert.equal(again.code, 1);
  assert.match(
    again.err,
    /^ingest: Cannot write .*failed\.csv: it already exists\. --force overwrites it\./,
  );
  assert.equal(await Deno.readTextFile(file), "edited");
  assert.equal((await at.say("errors", "1", "--export", file, "--force")).code, 0);
  assert.equal(await Deno.readTextFile(file), EXPORTED);
});

Deno.test("--export - writes to stdout, for programs: no mark before the first name", async () => {
  await using at = await scene();
  const { code, out, err } = await at.say("errors", "1", "--export", "-");
  assert.deepEqual([code, out, err], [0, EXPORTED.slice(1), "Wrote 1 row.\n"]);
});

Deno.test("--export writes a workbook if the name or --format says so, and retry takes it", async () => {
  await using at = await scene();
  const file = `${at.dir}/failed.XLSX`;
  const csv = await at.say("errors", "1", "--export", file, "--format", "csv");
  assert.equal(csv.code, 0);
  assert.equal(await Deno.readTextFile(file), EXPORTED);
  const { code, err } = await at.say("errors", "1", "--export", file, "--force");
  assert.deepEqual([code, err], [
    0,
    `Wrote 1 row to ${file}. Repair them, then: ingest retry 1 --file ${file}\n`,
  ]);
  const corrected = edited(await Deno.readFile(file), (sheet) => sheet.replace("<t>x<", "<t>7<"));
  await Deno.writeFile(file, corrected);
  assert.equal((await at.say("retry", "1", "--file", file, "--quiet")).code, 0);
  for (const name of ["failed.xls", "failed.ods"]) {
    const refused = await at.say("errors", "1", "--export", `${at.dir}/${name}`);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /--export writes \.xlsx and \.csv, not \.(?:xls|ods)/);
  }
});

Deno.test("--export with --json writes the file and prints the summary", async () => {
  await using at = await scene();
  const { out } = await at.say("errors", "1", "--json", "--export", `${at.dir}/failed.csv`);
  assert.equal(JSON.parse(out).data.total_failed_rows, 1);
  assert.equal(await Deno.readTextFile(`${at.dir}/failed.csv`), EXPORTED);
});

Deno.test("with nothing to export it says so, exits 0 and writes no file", async () => {
  await using at = await scene();
  const file = `${at.dir}/failed.csv`;
  const none = await at.say("errors", "2", "--export", file);
  assert.deepEqual([none.code, none.err], [
    0,
    "No row of run 2 has failed: nothing to export.\n",
  ]);
  const logged = await at.db.session.query<{ run_id: number; row_number: number }>(
    "select run_id, row_number from ingest.rows where status = 'failed'",
  );
  assert.ok(logged.every(({ run_id }) => run_id === 1));
  await markTried(new Ledger(at.db.session, "ingest"), 1, 9, logged.map((row) => row.row_number));
  const fixed = await at.say("errors", "1", "--export", file);
  assert.deepEqual([fixed.code, fixed.err], [
    0,
    "Retries have fixed every failed row of run 1: nothing to export.\n",
  ]);
  await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
});

Deno.test("a full disk ends the export in one line", async () => {
  await using at = await scene();
  const { code, err } = await at.say("errors", "1", "--export", "/dev/full");
  assert.equal(code, 1);
  assert.match(err, /^ingest: Cannot write \/dev\/full: No space left on device.*\.\n$/);
});

Deno.test("a reader that stops reading ends the export without failure", async () => {
  await using at = await scene();
  const reader = new Deno.Command("sh", {
    args: [
      "-c",
      `"$0" "$@" errors 1 --export - | true`,
      ...PROGRAM,
    ],
    env: { DATABASE_URL: at.db.url },
    stderr: "piped",
  });
  const { code, stderr } = await reader.output();
  assert.equal(code, 0);
  assert.doesNotMatch(new TextDecoder().decode(stderr), /^ingest: /m);
});

/** It waits where the rows are read, until `at.db.session` rolls back; a first SIGINT has come. */
async function stoppingExport(at: Scene) {
  await at.db.session.execute("begin");
  await at.db.session.execute("lock table ingest.logged_rows in access exclusive mode");
  const program = startIngest(["errors", "1", "--export", `${at.dir}/failed.csv`], {
    database: at.db,
  });
  await waiting(at.db);
  program.kill("SIGINT");
  await program.says("Stopping");
  return program;
}

Deno.test("a signal ends the export, and leaves no part of a file", async () => {
  await using at = await scene();
  const program = await stoppingExport(at);
  await at.db.session.execute("rollback");
  const { code, stderr } = await program.ended;
  assert.deepEqual([code, stderr], [4, "Stopping …\ningest: Stopped: no file was written.\n"]);
  assert.deepEqual(await names(at.dir), ["bad.csv", "good.csv"]);
});

Deno.test("a second signal doesn't wait for Postgres", async () => {
  await using at = await scene();
  const program = await stoppingExport(at);
  program.kill("SIGTERM");
  const { code } = await program.ended;
  await at.db.session.execute("rollback");
  assert.notEqual(code, 0);
  assert.deepEqual(await names(at.dir), ["bad.csv", "good.csv"]);
});

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

/** Until somebody waits for the table. */
async function waiting(db: TestDatabase): Promise<void> {
  for (;;) {
    const [{ n }] = await db.admin.query<{ n: number }>(
      "select count(*) as n from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
      [db.config.database],
    );
    if (n > 0) return;
    await db.admin.query("select pg_sleep(0.01)");
  }
}
