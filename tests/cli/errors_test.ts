import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { errorSummarySchema } from "../../src/report/error_schema.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";
import { ingest, PROGRAM, startIngest } from "./start_program.ts";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs commands in this process, on one database. */
function commandsOn(db: TestDatabase) {
  return async (...args: string[]): Promise<Said> => {
    const { output, stdout, stderr } = memoryOutput();
    const code = await runCommandLine([...args, "--database-url", db.url], output);
    return { code, out: stdout.text, err: stderr.text };
  };
}

interface Scene extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly dir: string;
  readonly say: (...args: string[]) => Promise<Said>;
}

/** Run 1 has a row that failed, run 2 none. */
async function scene(): Promise<Scene> {
  const db = await testDatabase();
  const { path: dir } = await temporaryFolder();
  const say = commandsOn(db);
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${dir}/bad.csv`, customers(4, true));
  await Deno.writeTextFile(`${dir}/good.csv`, customers(2).replaceAll("u", "v"));
  const load = ["run", "--table", "customers", "--key", "email", "--quiet", "--file"];
  assert.equal((await say(...load, `${dir}/bad.csv`)).code, 3);
  assert.equal((await say(...load, `${dir}/good.csv`)).code, 0);
  return {
    db,
    dir,
    say,
    [Symbol.asyncDispose]: async () => {
      await Deno.remove(dir, { recursive: true });
      await db[Symbol.asyncDispose]();
    },
  };
}

const EXPORTED = "\ufeff_error_message,email,name,age,_row_number,_run_id\r\n" +
  "The age field must be a whole number.,bad@example.com,Bad,x,3,1\r\n";

Deno.test("errors says what went wrong, and what to do next", async () => {
  await using at = await scene();
  const { code, out, err } = await at.say("errors", "1");
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(out.split("\n").filter((line) => !line.startsWith("Ingest run #1")), [
    "",
    "  1  The given data was invalid.   row 3",
    "",
    "Validation messages",
    '  1  age: The age field must be a whole number.   row 3   e.g. "x"',
    "",
    "Next:",
    "  ingest errors 1 --export failed.csv   to repair them",
    "  ingest retry 1 --file failed.csv      load the repaired rows",
    "  ingest retry 1                        try them again unchanged",
    "",
  ]);
});

Deno.test("with --json, stdout is the document of the HTTP API", async () => {
  await using at = await scene();
  const { out } = await at.say("errors", "1", "--json");
  const { data, ...nothing } = JSON.parse(out);
  assert.deepEqual(nothing, {});
  assert.deepEqual(errorSummarySchema.parse(data), {
    total_failed_rows: 1,
    error_summary: [{
      message: "The given data was invalid.",
      count: 1,
      code: "validation",
      sample_rows: [3],
    }],
    validation_summary: [{ message: "age: The age field must be a whole number.", count: 1 }],
  });
});

Deno.test("without a number, errors shows the latest run; if nothing failed, it says so", async () => {
  await using at = await scene();
  const { code, out } = await at.say("errors");
  assert.equal(code, 0);
  assert.match(out, /^Ingest run #2 .* no rows failed\n$/);
});

Deno.test("an unknown run, or no run at all, exits 5", async () => {
  await using at = await scene();
  assert.deepEqual(await at.say("errors", "99"), {
    code: 5,
    out: "",
    err: "ingest: There is no run 99. `ingest runs` lists them.\n",
  });
  await at.db.session.execute("delete from ingest.runs");
  assert.equal((await at.say("errors")).code, 5);
});

Deno.test("wrong usage exits 2", async () => {
  await using at = await scene();
  const wrong = [
    ["errors", "x"],
    ["errors", "0"],
    ["errors", "1", "--force"],
    ["errors", "1", "--export", ""],
    ["errors", "1", "--export", "-", "--json"],
  ];
  for (const args of wrong) {
    const { code, out, err } = await at.say(...args);
    assert.equal(code, 2, args.join(" "));
    if (!args.includes("--json")) assert.equal(out, "");
    assert.match(err, /^ingest: .+\n$/, args.join(" "));
  }
});

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
  await at.db.session.execute(
    "insert into ingest.retried_rows select run_id, row_number, 9, true from ingest.rows",
  );
  const fixed = await at.say("errors", "1", "--export", file);
  assert.deepEqual([fixed.code, fixed.err], [
    0,
    "Retries have fixed every failed row of run 1: nothing to export.\n",
  ]);
  await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
});

Deno.test("the errors of a run that logs no rows can be summarized, but not exported", async () => {
  await using at = await scene();
  await at.db.session.execute("delete from ingest.rows");
  await at.db.session.execute(
    `update ingest.runs set definition =
       jsonb_set(definition::jsonb, '{options,log_rows}', '"none"')::json where id = 1`,
  );
  const { out } = await at.say("errors", "1");
  assert.match(out, /1 {2}The given data was invalid\. {3}row 3\n/);
  assert.match(out, /The run logs no rows \(options\.log_rows: none\)/);
  const { code, err } = await at.say("errors", "1", "--export", `${at.dir}/failed.csv`);
  assert.equal(code, 1);
  assert.match(err, /^ingest: Cannot export the failed rows of run 1: it logs no rows/);
});

Deno.test("while a run goes on, errors shows what has failed so far", async () => {
  await using at = await scene();
  await at.db.session.execute(
    "update ingest.runs set status = 'processing', completed_at = null where id = 1",
  );
  const { code, out } = await at.say("errors", "1");
  assert.equal(code, 0);
  assert.match(out, /1 of 5 rows failed\nIt has not ended: there may be more errors to come\.\n/);
  assert.equal((await at.say("errors", "1", "--export", "-")).out, EXPORTED.slice(1));
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
  await at.db.session.execute("lock table ingest.rows in access exclusive mode");
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

Deno.test("the help of errors names --export and --force", async () => {
  const { code, stdout } = await ingest(["errors", "--help"]);
  assert.equal(code, 0);
  for (const words of ["--export <file>", "--force", "ingest errors 12"]) {
    assert.ok(stdout.includes(words), stdout);
  }
});

Deno.test("errors suggests the notation that most of the refused values have", async () => {
  await using at = await scene();
  await Deno.writeTextFile(
    `${at.dir}/ages.csv`,
    "email,name,age\na@example.com,A,(5)\nb@example.com,B,(7)\n",
  );
  await at.say("run", "--table", "customers", "--quiet", "--file", `${at.dir}/ages.csv`);
  const { out } = await at.say("errors", "3");
  assert.match(
    out,
    /What the definition could say\n {2}age: all 2 .* fit accept: \[parentheses\]/,
  );
  const { out: json } = await at.say("errors", "3", "--json");
  const { data } = JSON.parse(json);
  assert.deepEqual(errorSummarySchema.parse(data).suggestions, [
    { column: "age", definition: "accept: [parentheses]", otherwise: null, fits: 2, of: 2 },
  ]);
});
