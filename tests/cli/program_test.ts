import assert from "node:assert/strict";
import { runReportSchema } from "../../src/report/report_schema.ts";
import { testDatabase } from "../support/database.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { COMPILED, ingest } from "./start_program.ts";

// deno-lint-ignore no-control-regex
const ESCAPE = /\x1b/;

Deno.test("an unreachable database, and none at all, have exit codes of their own", async () => {
  const down = await ingest(["runs", "--database-url", "postgres://nobody@127.0.0.1:1/none"]);
  assert.equal(down.code, 6);
  assert.match(down.stderr, /^ingest: Cannot connect to server 127\.0\.0\.1:1, database none.*\n$/);
  const none = await ingest(["run", "--table", "t", "--file", "x.csv"]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /^ingest: No database is named.*\n$/);
});

Deno.test("the program says what it loads into which table, from a file and from standard input", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.mkdir(`${dir.path}/importers`);
  await Deno.writeTextFile(
    `${dir.path}/importers/customers.yaml`,
    "table: customers\nkey: [email]\nsource: {type: file, path: good.csv}\n",
  );
  await Deno.writeTextFile(`${dir.path}/good.csv`, customers(50));
  const options = { database: db, cwd: dir.path, env: { INGEST_HOME: `${dir.path}/home` } };
  const good = await ingest(["run", "customers"], options);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /^Ingest run #1 {2}customers ← good\.csv +completed$/m);
  assert.match(good.stdout, / by tester, took /);
  assert.match(good.stderr, /^Run 1: good\.csv → table customers, server .*, database test_\w+$/m);
  assert.doesNotMatch(good.stdout + good.stderr, ESCAPE);

  const stdin = customers(50, true);
  const piped = await ingest(["run", "customers", "--file", "-", "--json"], { ...options, stdin });
  assert.equal(piped.code, 3, piped.stderr);
  const report = runReportSchema.parse(JSON.parse(piped.stdout).data);
  assert.equal(report.original_filename, "stdin");
  assert.deepEqual([report.progress.skipped, report.progress.failed], [50, 1]);
});

/** Exit codes of commands, each run without some of the packages. */
async function runWithout(
  packages: readonly string[],
  commands: readonly (readonly string[])[],
): Promise<readonly number[]> {
  await using dir = await temporaryFolder();
  const { imports } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const gone = Object.fromEntries(packages.map((name) => [name, "./gone.js"]));
  const map = `${dir.path}/map.json`;
  await Deno.writeTextFile(map, JSON.stringify({ imports: { ...imports, ...gone } }));
  return await Promise.all(commands.map(async (command) => {
    const main = new URL("../../main.ts", import.meta.url).pathname;
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-lock", "--import-map", map, main, ...command],
      env: { DATABASE_URL: "postgres://127.0.0.1:1/nowhere" },
      stdout: "null",
      stderr: "null",
    }).output();
    return code;
  }));
}

// The same code, but a compiled program takes no import map. The last command shows that the map
// works.
Deno.test({
  name: "from source: version and help load neither the database driver nor zod nor yaml",
  ignore: COMPILED,
  async fn() {
    const packages = ["postgres", "zod", "yaml"];
    assert.deepEqual(await runWithout(packages, [["version"], ["--help"], ["runs"]]), [0, 0, 1]);
  },
});

Deno.test({
  name: "from source: run without a definition file loads neither yaml nor all of zod",
  ignore: COMPILED,
  async fn() {
    const run = ["run", "--table", "t", "--file", new URL(import.meta.url).pathname];
    assert.deepEqual(await runWithout(["zod", "yaml"], [run]), [6]);
  },
});

Deno.test({
  name: "from source: status and runs load neither zod nor yaml",
  ignore: COMPILED,
  async fn() {
    const commands = [["status", "1"], ["runs"], ["check", "--table", "t"]];
    assert.deepEqual(await runWithout(["zod", "yaml"], commands), [6, 6, 1]);
  },
});
