/** `ingest` without a command. */
import assert from "node:assert/strict";
import { migratedDatabase, testDatabase } from "../support/database.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { FINISHED } from "./finished_run.ts";
import { ingest } from "./start_program.ts";
import { renderOverview } from "../../src/cli/render/overview.ts";
import { PLAIN } from "../../src/cli/render/style.ts";
import { displayWidth } from "../../src/cli/render/terminal_text.ts";
import type { Overview } from "../../src/report/overview.ts";
import type { RunReport } from "../../src/report/report_schema.ts";

Deno.test("without a database, it says what to do first, and creates nothing", async () => {
  await using folder = await temporaryFolder();
  const env = { INGEST_HOME: `${folder.path}/home` };
  const { code, stdout, stderr } = await ingest([], { env, cwd: folder.path });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^No database is named yet\./u);
  assert.match(stdout, /export DATABASE_URL=.*\n[^]*ingest check .*\n.*ingest run /u);
  const embedded = await ingest(["--embedded"], { env, cwd: folder.path });
  assert.equal(embedded.code, 0);
  assert.match(embedded.stdout, /was not used yet[^]*ingest run .* --embedded\n/u);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("a home with data whose server isn't running is left as it is", async () => {
  await using folder = await temporaryFolder();
  const data = `${folder.path}/home/postgres/data`;
  await Deno.mkdir(data, { recursive: true });
  const env = { INGEST_HOME: `${folder.path}/home` };
  const { code, stdout } = await ingest([], { env });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^No database is named\.[^]* not running[^]*ingest runs\n.*ingest db start/u,
  );
  assert.match((await ingest(["--embedded"], { env })).stdout, /^Ingest's own .*runs --embedded/su);
  // Of a server that was killed.
  const left = `99999999\n${data}\n0\n5432\n${folder.path}/home/postgres/run\n`;
  await Deno.writeTextFile(`${data}/postmaster.pid`, left);
  await Deno.writeTextFile(`${folder.path}/home/postgres/password`, "secret\n");
  assert.equal((await ingest([], { env })).stdout, stdout);
  assert.equal(await Deno.readTextFile(`${data}/postmaster.pid`), left);
});

Deno.test("a database that can't be reached exits with 6, a wrong name with 2", async () => {
  const away = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  away.close();
  const url = `postgres://u@127.0.0.1:${away.addr.port}/d`;
  const unreachable = await ingest(["--database-url", url]);
  assert.equal(unreachable.code, 6);
  assert.match(unreachable.stderr, /^ingest: Cannot connect to .* Is the server running\?\n$/u);
  assert.equal((await ingest(["--database-url", "nonsense"])).code, 2);
});

Deno.test("a database that was never used gets the two first commands, and no tables", async () => {
  await using db = await testDatabase();
  const { code, stdout } = await ingest([], { database: db });
  assert.equal(code, 0);
  assert.match(stdout, /Nothing was loaded yet\.[^]*ingest check [^]*ingest run /u);
  const [{ schemas }] = await db.session.query<{ schemas: number }>(
    "select count(*) as schemas from pg_namespace where nspname = 'ingest'",
  );
  assert.equal(schemas, 0);
});

Deno.test("a held run waits for somebody; of all rows or none, the file does", async () => {
  await using db = await migratedDatabase();
  await using folder = await temporaryFolder();
  const options = { database: db, cwd: folder.path };
  await db.session.execute("create table people (id int primary key, name text not null)");
  await Deno.mkdir(`${folder.path}/importers`);
  const definition = "table: people\nkey: id\noptions:\n  transaction: run\n";
  await Deno.writeTextFile(`${folder.path}/importers/all.yaml`, definition);
  await Deno.writeTextFile(
    `${folder.path}/importers/asks.yaml`,
    `${definition}  hold_if: created > 1\n`,
  );
  await Deno.writeTextFile(`${folder.path}/bad.csv`, "id,name\n1,a\n2,\n");
  await Deno.writeTextFile(`${folder.path}/good.csv`, "id,name\n1,a\n2,b\n");
  assert.equal((await ingest(["run", "asks", "--file", "good.csv"], options)).code, 8);
  // Also tomorrow.
  await db.session.execute("update ingest.runs set created_at = now() - interval '2 days'");
  const waits = (await ingest([], options)).stdout;
  assert.match(
    waits,
    /Held until somebody decides\n {2}#1 asks ← good\.csv\n.*created > 1.*\n.*→ ingest release 1\n/u,
  );
  assert.doesNotMatch(waits, /Nothing waits/u);
  await ingest(["release", "1"], options);
  await ingest(["run", "all", "--file", "bad.csv"], options);
  const failed = (await ingest([], options)).stdout;
  assert.match(failed, /#2 all ← bad\.csv\n.*\n.*→ ingest errors 2\n/u);
  assert.doesNotMatch(failed, /Held|for a decision/u);
});

Deno.test("it names what failed and what waits, with the one command for each", async () => {
  await using db = await migratedDatabase();
  await using folder = await temporaryFolder();
  const options = { database: db, cwd: folder.path };
  await db.session.execute(CUSTOMERS_TABLE);
  assert.match((await ingest([], options)).stdout, /No runs today\n\nNothing waits for you\./u);

  await Deno.writeTextFile(`${folder.path}/good.csv`, customers(3));
  await Deno.writeTextFile(`${folder.path}/bad.csv`, customers(4, true));
  const load = ["run", "--table", "customers", "--key", "email", "--file"];
  await ingest([...load, "good.csv"], options);
  await ingest([...load, "bad.csv"], options);
  await ingest([...load, "bad.csv", "--dry-run"], options);
  await ingest([...load, "bad.csv", "--max-errors", "0"], options);
  await ingest(["retry", "2"], options);
  await ingest([...load, "good.csv", "--detach"], options);
  const { code, stdout } = await ingest([], options);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /6 runs today: 1 pending, 1 completed, 3 completed with errors, 1 failed\n/u,
  );
  assert.match(
    stdout,
    /Now\n {2}#6 customers ← good\.csv {2}pending\n.*\n {4}→ ingest resume 6\n/u,
  );
  assert.match(stdout, /Failed today\n {2}#4 .*\n {4}.*\n {4}→ ingest resume 4\n/u);
  assert.match(stdout, /#2 customers ← bad\.csv {2}1 row\n {4}→ ingest errors 2\n/u);
  assert.doesNotMatch(stdout, /#[135] /u);

  const json = JSON.parse((await ingest(["overview", "--json"], options)).stdout);
  assert.equal(json.data.database, "ready");
  assert.equal(json.data.today.by_status.completed_with_errors, 3);
  assert.deepEqual(json.data.active.map(({ id }: RunReport) => id), [6]);
  await ingest(["cancel", "6"], options);
});

Deno.test("it is a screen at most, on any terminal", () => {
  const run = (id: number, changes: Partial<RunReport>): RunReport => ({
    ...FINISHED,
    ...{ id, original_filename: `漢字 и очень длинное имя 🎉 ${"x".repeat(200)}.csv`, ...changes },
  });
  const many = (changes: Partial<RunReport>) =>
    Array.from({ length: 100 }, (_, index) => run(1000 - index, changes));
  const overview: Overview = {
    today: { since: "2026-11-23T00:00:00.000Z", runs: 300, by_status: byStatus },
    active: many({ status: "processing", is_terminal: false, completed_at: null }),
    held: many({
      ...{ status: "held", completed_at: null },
      held: {
        ...{ because: ["failed > 2%: it is ".repeat(30)], rows: 3, created: 1, updated: 1 },
        ...{ skipped: 1, failed: 0, at: "2026-11-23T00:00:00.000Z" },
        ...{ released_at: null, released_by: null },
      },
    }),
    failed: many({ status: "failed", error: { code: "x", message: "bad ".repeat(100) } }),
    unresolved: { rows: 1500, runs: many({}), complete: false },
  };
  for (const width of [40, 60, 80, 200]) {
    const lines = renderOverview(
      { kind: "ready", database: "d".repeat(300), overview },
      width,
      PLAIN,
    );
    assert.ok(lines.length <= 80, `${lines.length} lines`);
    assert.deepEqual(lines.filter((line) => displayWidth(line) > width), [], String(width));
    assert.ok(lines.some((line) => line.includes("and 95 more")));
    assert.ok(lines.some((line) => line.includes("→ ingest errors 1000")));
  }
});

const byStatus = {
  ...{ pending: 0, processing: 100, cancelling: 0, held: 0, completed: 0 },
  ...{ completed_with_errors: 100, failed: 100, cancelled: 0 },
};
