/** `ingest serve` as a process: how it begins, and how it ends with work in progress. */
import assert from "node:assert/strict";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "../cli/customers.ts";
import { ingest, startIngest } from "../cli/start_program.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { halfUpload, startServing, untilTrue } from "./serve_process.ts";

const ROWS = 40_000;
const CONTENT = customers(ROWS);

/** SQL: a connection waits for a table of this database. */
const WAITING = `exists (select from pg_locks where not granted
  and database = (select oid from pg_database where datname = current_database()))`;

async function withTable(): Promise<TestDatabase> {
  const db = await testDatabase();
  await db.session.execute(CUSTOMERS_TABLE);
  return db;
}

const pauseOf = ({ session }: TestDatabase) => () => session.query("select pg_sleep(0.01)");

async function countOf(db: TestDatabase, table: string): Promise<number> {
  const [{ n }] = await db.session.query<{ n: number }>(`select count(*) as n from ${table}`);
  return n;
}

Deno.test("serve takes an upload, loads it, and ends at once if nothing is in progress", async () => {
  await using db = await withTable();
  await using server = await startServing({ database: db }, "--workers", "1");
  const { status, body } = await server.upload(CONTENT);
  assert.equal(status, 202);
  await untilTrue(db, "(select status = 'completed' from ingest.runs)");
  assert.equal(await countOf(db, "customers"), ROWS);
  assert.equal((await server.ask(`/api/v1/ingest/${body.data.id}`)).body.data.status, "completed");
  // fetch() keeps its connection open, but that is not work in progress.
  server.program.kill("SIGTERM");
  const { code, stdout, stderr } = await server.program.ended;
  assert.equal(code, 0);
  assert.match(stderr, /Finishing what is in progress.*\nStopped\.\n$/);
  const messages = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).message);
  const ofRun = messages.filter((message) => message !== "request");
  assert.deepEqual(ofRun, ["run created", "run started", "run planned", "run completed"]);
});

Deno.test("an upload in progress is finished after a signal, while new connections are refused", async () => {
  await using db = await withTable();
  await using server = await startServing({ database: db }, "--no-workers", "--grace", "10m");
  using upload = await halfUpload(server, CONTENT, pauseOf(db));
  server.program.kill("SIGTERM");
  await server.program.says("Finishing what is in progress");
  while (await connects(server.port)) await pauseOf(db)();
  await upload.finish();
  const { status, body } = await upload.answer();
  assert.deepEqual([status, body.data.status], [202, "pending"]);
  assert.equal((await server.program.ended).code, 0);
  assert.deepEqual(server.stored().map((path) => Deno.statSync(path).size), [CONTENT.length]);
});

async function connects(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch (error) {
    // Reset: the socket was closed before it accepted this one.
    const { ConnectionRefused, ConnectionReset } = Deno.errors;
    if (error instanceof ConnectionRefused || error instanceof ConnectionReset) return false;
    throw error;
  }
}

Deno.test("an upload that takes longer than the grace is ended, and nothing of it stays", async () => {
  await using db = await withTable();
  await using server = await startServing({ database: db }, "--no-workers", "--grace", "100ms");
  using upload = await halfUpload(server, CONTENT, pauseOf(db));
  server.program.kill("SIGTERM");
  const { status, headers, body } = await upload.answer();
  assert.deepEqual([status, body.code], [503, "closing"]);
  assert.ok(headers.has("retry-after"));
  assert.equal((await server.program.ended).code, 0);
  assert.deepEqual(server.stored(), []);
  assert.equal(await countOf(db, "ingest.runs"), 0);
});

Deno.test("the second signal ends everything at once, and nothing unfinished stays", async () => {
  await using db = await withTable();
  await using server = await startServing({ database: db }, "--workers", "1", "--grace", "1h");
  await db.session.execute("begin");
  await db.session.execute("lock table customers in exclusive mode");
  assert.equal((await server.upload(CONTENT)).status, 202);
  await untilTrue(db, WAITING);
  const [stored] = server.stored();
  using upload = await halfUpload(server, CONTENT, pauseOf(db));
  server.program.kill("SIGINT");
  await server.program.says("Finishing what is in progress");
  server.program.kill("SIGTERM");
  // At once: the process may end before its answer is sent.
  const heard = await upload.answer().then(({ status }) => status, () => "closed");
  assert.ok(heard === 503 || heard === "closed", String(heard));
  const { code, stderr } = await server.program.ended;
  assert.equal(code, 0);
  assert.match(stderr, /Stopped at once: .*\n$/);
  // The run's file, which other workers will load.
  assert.deepEqual(server.stored(), [stored]);
  await db.session.execute("commit");
  assert.equal(await countOf(db, "customers"), 0);
});

Deno.test("a batch in progress is finished after a signal, and other workers load the rest", async () => {
  await using db = await withTable();
  await using server = await startServing({ database: db }, "--workers", "1", "--grace", "10m");
  await db.session.execute("begin");
  await db.session.execute("lock table customers in exclusive mode");
  assert.equal((await server.upload(CONTENT)).status, 202);
  await untilTrue(db, WAITING);
  server.program.kill("SIGTERM");
  await server.program.says("Finishing what is in progress");
  await db.session.execute("commit");
  const { code, stderr } = await server.program.ended;
  assert.equal(code, 0, stderr);
  assert.equal(await countOf(db, "customers"), 20_000);
  await workUntilDone(db, server.env);
  assert.equal(await countOf(db, "customers"), ROWS);
});

async function workUntilDone(db: TestDatabase, env: Readonly<Record<string, string>>) {
  const work = startIngest(["work", "--workers", "1"], { database: db, env });
  await untilTrue(db, "(select bool_and(completed_at is not null) from ingest.runs)");
  work.kill("SIGTERM");
  assert.equal((await work.ended).code, 0);
}

Deno.test("without workers a local file is copied for other workers", async () => {
  await using db = await withTable();
  await using folder = await startServing({ database: db }, "--no-workers");
  // One server's folder is the other's source folder.
  const source = `${folder.folder}/source`;
  await using server = await startServing({ database: db }, "--no-workers", "--source-dir", source);
  const { status, body } = await server.ask("/api/v1/ingest/trigger/local", { method: "POST" });
  assert.equal(status, 202, JSON.stringify(body));
  const [copy, ...others] = server.stored();
  assert.deepEqual([await Deno.readTextFile(copy), others], [customers(10), []]);
  await Deno.remove(`${source}/local.csv`);
  await workUntilDone(db, server.env);
  assert.equal(await countOf(db, "customers"), 10);
});

Deno.test("a port in use is reported in one line, with exit 1", async () => {
  await using db = await withTable();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const { code, stdout, stderr } = await ingest(["serve", "--port", `${port}`], { database: db });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(
    stderr,
    `ingest: Cannot listen on 127.0.0.1:${port}: the port is in use. Choose another one: --port\n`,
  );
});

Deno.test("wrong options of serve are reported in one line, with exit 2, before anything begins", async () => {
  await using db = await withTable();
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--port", "65536"], /Expected a whole number from 0 to 65535/],
    [["--port", "http"], /Expected a whole number/],
    [["--max-upload", "0"], /Expected a size such as/],
    [["--max-upload", "lots"], /Expected a size such as/],
    [["--grace", "soon"], /Expected a duration such as/],
    [["--workers", "0"], /Expected a whole number from 1/],
    [["--source-dir", "/nowhere/at/all"], /--source-dir: there is no folder "\/nowhere\/at\/all"/],
    [["--source-dir", ""], /--source-dir: there is no folder ""/],
    [["--source-dir", "/dev/null"], /--source-dir: there is no folder/],
  ];
  for (const [flags, says] of wrong) {
    const { code, stdout, stderr } = await ingest(["serve", ...flags], { database: db });
    assert.deepEqual([code, stdout], [2, ""], flags.join(" "));
    assert.match(stderr, says);
    assert.match(stderr, /^ingest: [^\n]*\n$/);
  }
  const [{ made }] = await db.session.query<{ made: boolean }>(
    "select to_regclass('ingest.runs') is not null as made",
  );
  assert.equal(made, false);
});

Deno.test("a full disk ends the upload, but not the server", async () => {
  await using db = await withTable();
  // To the program, a limit of 256 KB for each file looks the same: writing more fails.
  const after = 'trap "" XFSZ; ulimit -f 512';
  await using server = await startServing({ database: db, after }, "--no-workers");
  for (let nr = 0; nr < 3; nr++) {
    const { status, body } = await server.upload(CONTENT);
    assert.deepEqual([status, body.code], [500, "storage"]);
    assert.ok(!JSON.stringify(body).includes(server.folder));
    assert.deepEqual(server.stored(), []);
  }
  assert.equal((await server.upload(customers(10))).status, 202);
  assert.equal(await countOf(db, "ingest.runs"), 1);
  server.program.kill("SIGTERM");
  const { stdout } = await server.program.ended;
  const logged = stdout.split("\n").filter((line) => line.includes('"status":500'));
  assert.equal(logged.filter((line) => line.includes("storage folder")).length, 3);
});

Deno.test("a log that can't be written ends neither requests nor the server", async () => {
  await using db = await withTable();
  const after = "exec >/dev/full";
  await using server = await startServing({ database: db, after }, "--no-workers");
  assert.equal((await server.ask("/healthz")).status, 200);
  assert.equal((await server.upload(customers(2))).status, 202);
  server.program.kill("SIGTERM");
  assert.equal((await server.program.ended).code, 0);
});

Deno.test("serve says at once what it can't do, and its log tells of runs", async () => {
  await using db = await testDatabase();
  await using folder = await temporaryFolder();
  await db.session.query("create table customers (id int)");
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(`${folder.path}/importers/broken.yaml`, "tabel: customers\n");
  await Deno.writeTextFile(`${folder.path}/importers/nowhere.yaml`, "table: nowhere\n");
  await Deno.writeTextFile(`${folder.path}/importers/customers.yaml`, "table: customers\n");
  await Deno.writeTextFile(`${folder.path}/a.csv`, "id\n1\n");
  // A file in the place of a folder: not even root can write into it.
  await Deno.writeTextFile(`${folder.path}/home`, "");
  const env = {
    INGEST_HOME: `${folder.path}/home`,
    INGEST_IMPORTERS: `${folder.path}/importers`,
  };
  const server = startIngest(["serve", "--port", "0"], { database: db, env });
  await server.says("The importer nowhere can't be used");
  assert.match(
    server.heard(),
    /^ingest: Uploads can't be stored in \S+home\/spool\/.*INGEST_HOME$/m,
  );
  assert.match(server.heard(), /^ingest: The importer broken can't be used: .*tabel.*$/m);
  const run = await ingest(
    ["run", "customers", "--file", `${folder.path}/a.csv`, "--quiet"],
    { database: db, env: { ...env, INGEST_HOME: `${folder.path}/other` } },
  );
  assert.equal(run.code, 0, run.stderr);
  server.kill("SIGTERM");
  const { stdout } = await server.ended;
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.filter(({ level }) => level === "warning").length, 3);
  const told = lines.filter(({ run_id }) => run_id === 1).map(({ message }) => message);
  assert.deepEqual(told, ["run created", "run started", "run planned", "run completed"]);
});
