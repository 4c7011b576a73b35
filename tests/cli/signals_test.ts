import assert from "node:assert/strict";
import { countSignals } from "../../src/cli/signals.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { startInTerminal } from "./start_in_terminal.ts";
import { ingest, type ProgramOptions, type Running, startIngest } from "./start_program.ts";
import { until } from "../support/until.ts";

/** More than four batches. */
const ROWS = 200_000;

/** A run whose batches all wait: the test has locked the table. `start`: as `startIngest`. */
async function heldUp<Program extends Pick<Running, "says">>(
  db: TestDatabase,
  folder: string,
  start: (args: readonly string[], options: ProgramOptions) => Program,
): Promise<Program> {
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${folder}/c.csv`, customers(ROWS));
  await db.session.execute("begin");
  await db.session.execute("lock table customers in exclusive mode");
  const run = start(
    ["run", "--table", "customers", "--file", `${folder}/c.csv`, "--workers", "2"],
    { database: db },
  );
  await run.says("Run 1:");
  await until(db.session, waiting(2));
  return run;
}

/** SQL: this many connections of this database wait for a table. */
function waiting(connections: number): string {
  return `(select count(*) = ${connections} from pg_locks where not granted
    and database = (select oid from pg_database where datname = current_database()))`;
}

/** How many rows the batches in progress have: each of two workers has one. */
async function rowsInProgress(db: TestDatabase): Promise<number> {
  const [{ rows }] = await db.session.query<{ rows: number }>(
    "select last_row as rows from ingest.batches where number = 2",
  );
  assert.ok(rows > 0 && rows < ROWS, `${rows} rows`);
  return rows;
}

/** What a run says that was cancelled after so many rows. */
function committed(rows: number): RegExp {
  return new RegExp(`${rows.toLocaleString("en-US")} rows committed, .*never tried\\. Resume it:`);
}

async function countRows(db: TestDatabase): Promise<number> {
  const [{ rows }] = await db.session.query<{ rows: number }>(
    "select count(*) as rows from customers",
  );
  return rows;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`the first ${signal} cancels: batches in progress land, and the run can be resumed`, async () => {
    await using db = await testDatabase();
    await using dir = await temporaryFolder();
    const run = await heldUp(db, dir.path, startIngest);
    run.kill(signal);
    await run.says("Cancelling run 1");
    await until(db.session, "(select status = 'cancelling' from ingest.runs)");
    await db.session.execute("commit");
    const { code, stdout } = await run.ended;
    assert.equal(code, 4);
    const inProgress = await rowsInProgress(db);
    assert.match(stdout, committed(inProgress));
    assert.match(stdout, / Resume it: ingest resume 1\n$/);
    assert.equal(await countRows(db), inProgress);
    const events = await ingest(["status", "1", "--events"], {
      database: db,
      env: { INGEST_USER: "eve" },
    });
    assert.match(
      events.stdout,
      new RegExp(`  cancel requested +\\S+ +by a signal \\(${signal}\\)$`, "m"),
    );
    assert.equal((await ingest(["resume", "1", "-q"], { database: db })).code, 0);
    assert.equal(await countRows(db), ROWS);
  });
}

Deno.test("the second signal stops at once, though batches are in progress, and nothing is lost", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  const run = await heldUp(db, dir.path, startIngest);
  run.kill("SIGINT");
  await run.says("Cancelling run 1");
  run.kill("SIGTERM");
  // The table is still locked: no batch can have ended.
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 4);
  assert.match(stderr, /Stopped at once: .* Resume it: ingest resume 1\n/);
  // Its connections, which were waiting for the table, have ended.
  assert.match(stdout, /^0 rows committed, .*never tried\. Resume it: ingest resume 1$/m);
  await until(db.session, waiting(0));
  await db.session.execute("commit");
  assert.equal(await countRows(db), 0);
  assert.equal((await ingest(["resume", "1", "-q"], { database: db })).code, 0);
  assert.equal(await countRows(db), ROWS);
});

Deno.test("the same signal within 300 ms is the same Ctrl-C; another one, or a later one, is not", () => {
  const count = countSignals();
  assert.equal(count("SIGINT", 1000), "first");
  assert.equal(count("SIGINT", 1004), null);
  assert.equal(count("SIGTERM", 1010), "again");
  assert.equal(count("SIGINT", 1300), null);
  assert.equal(count("SIGINT", 1301), "again");
});

Deno.test({
  name: "a Ctrl-C in a terminal is one Ctrl-C, whoever sends it on, and the exit code is the run's",
  // Other systems have another `script`, or none.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using db = await testDatabase();
    await using dir = await temporaryFolder();
    const run = await heldUp(db, dir.path, startInTerminal);
    await run.press("Ctrl-C");
    await run.says("Cancelling run 1");
    await until(db.session, "(select status = 'cancelling' from ingest.runs)");
    await db.session.execute("commit");
    const { code, shown } = await run.ended;
    assert.equal(code, 4, shown);
    const inProgress = await rowsInProgress(db);
    assert.match(shown, committed(inProgress));
    assert.doesNotMatch(shown, /Stopped at once/);
    assert.equal(await countRows(db), inProgress);
  },
});

Deno.test("work finishes the batch in progress on the first signal, and leaves the rest", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  const env = { INGEST_HOME: `${dir.path}/home` };
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${dir.path}/c.csv`, customers(ROWS));
  const detach = ["run", "--table", "customers", "--file", `${dir.path}/c.csv`, "--detach"];
  assert.equal((await ingest(detach, { database: db, env })).code, 0);
  await db.session.execute("begin");
  await db.session.execute("lock table customers in exclusive mode");
  const work = startIngest(["work", "--workers", "1"], { database: db });
  await work.says("Working with 1 worker");
  await until(db.session, waiting(1));
  work.kill("SIGTERM");
  await work.says("Finishing the batches in progress");
  await db.session.execute("commit");
  const { code, stderr } = await work.ended;
  assert.equal(code, 0, stderr);
  assert.equal(await countRows(db), 50_000);
  const { stdout } = await ingest(["status", "1"], { database: db });
  assert.match(stdout, /processing/);
});
